// Walks over keys and over the fields of a hash.
#include <optional>
#include <string>
#include <string_view>

#include "api/resp/commands/arguments.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/commands/glob.h"
#include "api/resp/commands/lookup.h"
#include "store/values/hash_value.h"
#include "store/values/type_table.h"

namespace dcs::resp::commands {
namespace {

struct ScanOptions {
  std::string_view pattern = "*";
  std::optional<std::string_view> type;
  int64_t count = 10;

  // "*" takes everything, the empty key too, which GlobMatch would not.
  bool Takes(std::string_view text) const { return pattern == "*" || GlobMatch(pattern, text); }
};

bool ParseScanOptions(Context& c, size_t from, bool with_type, ScanOptions& options) {
  for (size_t i = from; i < c.args.size(); i += 2) {
    const bool has_value = i + 1 < c.args.size();
    if (has_value && IsWord(c.args[i], "count")) {
      if (!ReadInteger(c, c.args[i + 1], options.count)) return false;
      if (options.count >= 1) continue;
    } else if (has_value && IsWord(c.args[i], "match")) {
      options.pattern = c.args[i + 1];
      continue;
    } else if (has_value && with_type && IsWord(c.args[i], "type")) {
      options.type = c.args[i + 1];
      continue;
    }
    c.reply.Error(error_text::kSyntax);
    return false;
  }
  return true;
}

// The cursor stands before the elements but is known after them: both are written in place.
class ScanReply {
 public:
  explicit ScanReply(Reply& reply) : reply_(reply), start_(reply.mark()) {}
  void Element(std::string_view bytes) {
    reply_.Bulk(bytes);
    ++elements_;
  }
  void Finish(uint64_t cursor) {
    std::string head;
    Reply writer(head);
    writer.Array(2);
    writer.BulkInteger(static_cast<int64_t>(cursor));
    writer.Array(elements_);
    reply_.Insert(start_, head);
  }

 private:
  Reply& reply_;
  const size_t start_;
  size_t elements_ = 0;
};

// Cursors from here on were never given out.
constexpr uint64_t kCursorEnd = uint64_t{1} << 63;

}  // namespace

void Scan(Context& c) {
  uint64_t cursor;
  ScanOptions options;
  if (!ReadCursor(c, c.args[1], cursor)) return;
  if (!ParseScanOptions(c, 2, /*with_type=*/true, options)) return;
  ScanReply reply(c.reply);
  if (cursor >= kCursorEnd) return reply.Finish(0);
  // As in Redis: MATCH is asked first, so an expired key that it refuses stays; TYPE is a lookup, which
  // counts. An expired key that stays, since this keyspace does not release on access, has no type.
  const bool releases = c.keyspace().release_on_access();
  const auto visit = [&](const store::Entry& entry, bool expired) {
    if (!options.Takes(entry.key)) return false;
    bool taken = !expired;
    if (options.type) {
      ++(expired ? c.counts.misses : c.counts.hits);
      taken = IsWord(*options.type, expired ? kNoType : store::RowOf(entry.type).name) &&
              (!expired || releases);
    }
    if (taken) reply.Element(entry.key);
    return true;
  };
  reply.Finish(c.keyspace().ScanAll(cursor, static_cast<size_t>(options.count), c.now, visit));
}

void Keys(Context& c) {
  const std::string_view pattern = c.args[1];
  const size_t start = c.reply.BeginArray();
  size_t matching = 0;
  const auto visit = [&](const store::Entry& entry, bool expired) {
    if (!expired && (pattern == "*" || GlobMatch(pattern, entry.key))) {
      c.reply.Bulk(entry.key);
      ++matching;
    }
    return false;  // KEYS releases nothing
  };
  uint64_t cursor = 0;
  do {
    cursor = c.keyspace().ScanAll(cursor, 1024, c.now, visit);
  } while (cursor != 0);
  c.reply.EndArray(start, matching);
}

void HScan(Context& c) {
  uint64_t cursor;
  ScanOptions options;
  if (!ReadCursor(c, c.args[2], cursor)) return;
  const store::HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = FindForRead(c, key);
  if (!HasType(c, entry, store::ValueType::kHash)) return;
  ScanReply reply(c.reply);
  if (!entry) return reply.Finish(0);
  if (!ParseScanOptions(c, 3, /*with_type=*/false, options)) return;
  const auto& hash = static_cast<const store::HashValue&>(*entry->heap);
  const auto visit = [&](std::string_view field, std::string_view value) {
    if (!options.Takes(field)) return;
    reply.Element(field);
    reply.Element(value);
  };
  reply.Finish(hash.Scan(cursor, static_cast<size_t>(options.count), visit));
}

}  // namespace dcs::resp::commands
