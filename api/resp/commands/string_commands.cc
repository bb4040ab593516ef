// Strings as values: SET and GET in all their forms, and parts of strings.
#include <algorithm>
#include <string>
#include <string_view>

#include "api/resp/commands/arguments.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/commands/lookup.h"
#include "api/resp/commands/value_options.h"

namespace dcs::resp::commands {
namespace {

using std::string_view;
using store::HashedKey;
using store::StringForm;
using store::ValueType;

void ReplyString(Context& c, const std::optional<store::Entry>& entry) {
  if (entry) {
    c.reply.Bulk(entry->string);
  } else {
    c.reply.Null();
  }
}

// Replies the string and returns whether the command may go on.
bool ReplyCurrent(Context& c, const HashedKey& key) {
  const std::optional<store::Entry> entry = FindForRead(c, key);
  if (!HasType(c, entry, ValueType::kString)) return false;
  ReplyString(c, entry);
  return true;
}

bool FitsString(Context& c, uint64_t length) {
  const int64_t most = c.server.settings.proto_max_bulk_bytes.load(std::memory_order_relaxed);
  if (length <= static_cast<uint64_t>(most)) return true;
  c.reply.Error(error_text::kTooLong);
  return false;
}

void SetWithDeadline(Context& c, string_view time, TimeUnit unit, string_view value) {
  store::TimeMs deadline;
  if (!ReadDeadline(c, time, unit, TimeBase::kRelative, deadline)) return;
  const HashedKey& key = c.Key();
  if (StoreString(c, key, value, deadline)) c.reply.Ok();
}

// A deadline already past makes the new value invisible at once. It is kept until it is released, as in
// Redis.
void SetWithOptions(Context& c) {
  ValueOptions options;
  if (!ParseValueOptions(c, 3, OptionsOf::kSet, options)) return;
  store::TimeMs deadline = store::kNoDeadline;
  if (options.time && !ReadDeadline(c, *options.time, options.unit, options.base, deadline)) return;

  const HashedKey& key = c.Key();
  const size_t start = c.reply.mark();
  if (options.get && !ReplyCurrent(c, key)) return;
  const std::optional<store::Entry> entry = c.txn().Find(key);
  if ((options.nx && entry) || (options.xx && !entry)) {
    if (!options.get) c.reply.Null();
    return;
  }
  if (options.keep_ttl && entry) deadline = entry->deadline;
  const size_t after_get = c.reply.mark();
  if (!StoreString(c, key, c.args[2], deadline)) {
    c.reply.Drop(start, after_get);
    return;
  }
  if (!options.get) c.reply.Ok();
}

}  // namespace

void Set(Context& c) {
  if (c.args.size() > 3) return SetWithOptions(c);
  const HashedKey& key = c.Key();
  if (StoreString(c, key, c.args[2], store::kNoDeadline)) c.reply.Ok();
}

void SetEx(Context& c) { SetWithDeadline(c, c.args[2], TimeUnit::kSeconds, c.args[3]); }

void PSetEx(Context& c) { SetWithDeadline(c, c.args[2], TimeUnit::kMilliseconds, c.args[3]); }

void SetNx(Context& c) {
  const HashedKey& key = c.Key();
  if (c.txn().Find(key)) return c.reply.Integer(0);
  if (StoreString(c, key, c.args[2], store::kNoDeadline)) c.reply.Integer(1);
}

void Get(Context& c) {
  const HashedKey& key = c.Key();
  ReplyCurrent(c, key);
}

void GetEx(Context& c) {
  ValueOptions options;
  if (!ParseValueOptions(c, 2, OptionsOf::kGetEx, options)) return;
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = FindForRead(c, key);
  if (!HasType(c, entry, ValueType::kString)) return;
  if (!entry) return c.reply.Null();
  store::TimeMs deadline = store::kNoDeadline;
  if (options.time && !ReadDeadline(c, *options.time, options.unit, options.base, deadline)) return;

  c.reply.Bulk(entry->string);
  if (options.time && options.base == TimeBase::kAbsolute && deadline <= c.now) {
    c.txn().Erase(key, ExpireMode(c));
  } else if (options.time || options.persist) {
    c.txn().SetDeadline(key, deadline);
  }
}

void GetDel(Context& c) {
  const HashedKey& key = c.Key();
  if (ReplyCurrent(c, key)) c.txn().Erase(key, store::FreeMode::kNow);
}

void GetSet(Context& c) {
  const HashedKey& key = c.Key();
  const size_t start = c.reply.mark();
  if (!ReplyCurrent(c, key)) return;
  const size_t after_get = c.reply.mark();
  if (!StoreString(c, key, c.args[2], store::kNoDeadline)) c.reply.Drop(start, after_get);
}

void MGet(Context& c) {
  c.reply.Array(c.keys.size());
  for (const HashedKey& key : c.keys) {
    const std::optional<store::Entry> entry = FindForRead(c, key);
    const bool is_string = entry && entry->type == ValueType::kString;
    ReplyString(c, is_string ? entry : std::nullopt);
  }
}

namespace {

// All or, with `only_new` and one of the keys there, none.
void SetMany(Context& c, bool only_new) {
  if (c.args.size() % 2 == 0) return c.reply.Error(WrongArity(c.command));
  if (only_new) {
    for (const HashedKey& key : c.keys) {
      if (c.txn().Find(key)) return c.reply.Integer(0);
    }
  }
  for (size_t i = 0; i < c.keys.size(); ++i) {
    if (!StoreString(c, c.keys[i], c.args[2 * i + 2], store::kNoDeadline)) return;
  }
  if (only_new) {
    c.reply.Integer(1);
  } else {
    c.reply.Ok();
  }
}

}  // namespace

void MSet(Context& c) { SetMany(c, false); }

void MSetNx(Context& c) { SetMany(c, true); }

void Append(Context& c) {
  const HashedKey& key = c.Key();
  const string_view tail = c.args[2];
  const std::optional<store::Entry> entry = c.txn().Find(key);
  if (!HasType(c, entry, ValueType::kString)) return;
  if (!entry) {
    if (StoreString(c, key, tail, store::kNoDeadline)) {
      c.reply.Integer(static_cast<int64_t>(tail.size()));
    }
    return;
  }
  if (!FitsString(c, entry->string.size() + tail.size())) return;
  if (tail.empty()) {
    // Nothing to add, but from now on it is a string that was appended to.
    if (entry->form == StringForm::kRaw) {
      return c.reply.Integer(static_cast<int64_t>(entry->string.size()));
    }
    const std::string same(entry->string);
    if (StoreString(c, key, same, entry->deadline, StringForm::kRaw)) {
      c.reply.Integer(static_cast<int64_t>(same.size()));
    }
    return;
  }
  const absl::StatusOr<size_t> length = c.txn().Append(key, tail);
  if (!length.ok()) return c.reply.Error(FromStore(length.status()));
  c.reply.Integer(static_cast<int64_t>(*length));
}

void StrLen(Context& c) {
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = FindForRead(c, key);
  if (!HasType(c, entry, ValueType::kString)) return;
  c.reply.Integer(entry ? static_cast<int64_t>(entry->string.size()) : 0);
}

void GetRange(Context& c) {
  int64_t start, end;
  if (!ReadInteger(c, c.args[2], start) || !ReadInteger(c, c.args[3], end)) return;
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = FindForRead(c, key);
  if (!HasType(c, entry, ValueType::kString)) return;
  const string_view whole = entry ? entry->string : string_view();
  const auto length = static_cast<int64_t>(whole.size());
  if (start < 0 && end < 0 && start > end) return c.reply.Bulk("");
  if (start < 0) start = std::max<int64_t>(start + length, 0);
  if (end < 0) end = std::max<int64_t>(end + length, 0);
  end = std::min(end, length - 1);
  if (start > end) return c.reply.Bulk("");
  c.reply.Bulk(whole.substr(static_cast<size_t>(start), static_cast<size_t>(end - start + 1)));
}

void SetRange(Context& c) {
  int64_t offset;
  if (!ReadInteger(c, c.args[2], offset)) return;
  if (offset < 0) return c.reply.Error("ERR offset is out of range");
  const string_view part = c.args[3];
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = c.txn().Find(key);
  if (!HasType(c, entry, ValueType::kString)) return;
  const string_view before = entry ? entry->string : string_view();
  if (part.empty()) return c.reply.Integer(static_cast<int64_t>(before.size()));
  const uint64_t part_end = static_cast<uint64_t>(offset) + part.size();
  if (!FitsString(c, part_end)) return;
  if (entry) {
    // Copying a long string would take time by its length, not by the part's.
    const std::optional<size_t> length =
        c.txn().WriteInPlace(key, static_cast<size_t>(offset), part);
    if (length) return c.reply.Integer(static_cast<int64_t>(*length));
  }

  std::string after(before);
  after.resize(std::max<size_t>(after.size(), part_end), '\0');
  after.replace(static_cast<size_t>(offset), part.size(), part);
  const store::TimeMs deadline = entry ? entry->deadline : store::kNoDeadline;
  if (StoreString(c, key, after, deadline, StringForm::kRaw)) {
    c.reply.Integer(static_cast<int64_t>(after.size()));
  }
}

}  // namespace dcs::resp::commands
