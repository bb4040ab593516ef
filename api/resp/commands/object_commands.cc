// What a key's value is like inside: OBJECT and MEMORY.
#include <limits>

#include "api/resp/commands/arguments.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/commands/help.h"
#include "api/resp/commands/lookup.h"
#include "api/resp/protocol/numbers.h"
#include "store/values/type_table.h"

namespace dcs::resp::commands {
namespace {

using store::HashedKey;

constexpr std::string_view kNeedsNoLfu =
    "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when "
    "switching between policies at runtime LRU and LFU data will take some time to adjust.";
constexpr std::string_view kNeedsLfu =
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that "
    "when switching between policies at runtime LRU and LFU data will take some time to adjust.";

// Slot: tag, hash bits, deadline, offset, size (store/table.md).
constexpr int64_t kSlotBytes = 13;

// Redis shares the small integers, unless each value needs an access time of its own.
int64_t RefCount(Context& c, const store::Entry& entry) {
  constexpr int64_t kSharedIntegers = 10000;
  if (store::RowOf(entry.type).encoding(entry) != "int") return 1;
  const int64_t value = *ParseInteger(entry.string);
  const Settings& settings = c.server.settings;
  const bool shares = settings.maxmemory.load(std::memory_order_relaxed) == 0 ||
                      !(settings.UsesLfu() || settings.UsesLru());
  return shares && value >= 0 && value < kSharedIntegers ? std::numeric_limits<int32_t>::max() : 1;
}

// Of the key asked about. A large keyspace keeps no access words until they are asked for.
store::KeyAccess AccessOf(Context& c) {
  if (!c.keyspace().tracks_access()) c.keyspace().TrackAccess(true);
  return c.txn().Access(c.Key());
}

// Calls `reply(entry, transaction)`, or replies null if there is no such key. Counts a hit or a miss.
template <typename ReplyWith>
void WithEntry(Context& c, ReplyWith reply) {
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = PeekForRead(c, key);
  if (!entry) return c.reply.Null();
  reply(*entry);
}

}  // namespace

void ObjectEncoding(Context& c) {
  WithEntry(c, [&](const store::Entry& entry) {
    c.reply.Bulk(store::RowOf(entry.type).encoding(entry));
  });
}

void ObjectRefCount(Context& c) {
  WithEntry(c, [&](const store::Entry& entry) { c.reply.Integer(RefCount(c, entry)); });
}

void ObjectIdleTime(Context& c) {
  WithEntry(c, [&](const store::Entry&) {
    if (c.server.settings.UsesLfu()) return c.reply.Error(kNeedsNoLfu);
    c.reply.Integer(AccessOf(c).idle_seconds);
  });
}

void ObjectFreq(Context& c) {
  WithEntry(c, [&](const store::Entry&) {
    if (!c.server.settings.UsesLfu()) return c.reply.Error(kNeedsLfu);
    c.reply.Integer(AccessOf(c).frequency);
  });
}

void ObjectHelp(Context& c) {
  ReplyHelp(c, "OBJECT",
            {"ENCODING <key>",
             "    Return the kind of internal representation used in order to store the value",
             "    associated with a <key>.", "FREQ <key>",
             "    Return the access frequency index of the <key>. The returned integer is",
             "    proportional to the logarithm of the recent access frequency of the key.",
             "IDLETIME <key>",
             "    Return the idle time of the <key>, that is the approximated number of",
             "    seconds elapsed since the last access to the key.", "REFCOUNT <key>",
             "    Return the number of references of the value associated with the specified",
             "    <key>."});
}

// Exact, so SAMPLES is only checked. Shows expired keys too, and is no access, as in Redis.
void MemoryUsage(Context& c) {
  for (size_t i = 3; i < c.args.size(); i += 2) {
    if (!IsWord(c.args[i], "samples") || i + 1 == c.args.size()) {
      return c.reply.Error(error_text::kSyntax);
    }
    int64_t samples;
    if (!ReadInteger(c, c.args[i + 1], samples)) return;
    if (samples < 0) return c.reply.Error(error_text::kSyntax);
  }
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = c.txn().Inspect(key);
  if (!entry) return c.reply.Null();
  c.reply.Integer(static_cast<int64_t>(entry->bytes()) + kSlotBytes);
}

void MemoryHelp(Context& c) {
  ReplyHelp(
      c, "MEMORY",
      {"USAGE <key> [SAMPLES <count>]",
       "    Return memory in bytes used by <key> and its value, and by its slot in the index."});
}

}  // namespace dcs::resp::commands
