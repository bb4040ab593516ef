// Keys, whatever they hold.
#include "api/resp/commands/arguments.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/commands/lookup.h"
#include "store/values/type_table.h"

namespace dcs::resp::commands {
namespace {

using store::HashedKey;

void Remove(Context& c, store::FreeMode mode) {
  int64_t removed = 0;
  for (const HashedKey& key : c.keys) removed += c.txn().Erase(key, mode) ? 1 : 0;
  c.reply.Integer(removed);
}

// A key named twice counts twice.
void CountThere(Context& c, decltype(&FindForRead) look) {
  int64_t there = 0;
  for (const HashedKey& key : c.keys) there += look(c, key) ? 1 : 0;
  c.reply.Integer(there);
}

// Replies with an error and returns false where the key to be renamed is not there.
bool RenameWith(Context& c, bool only_new, bool& renamed) {
  const HashedKey &from = c.Key(0), &to = c.Key(1);
  if (!c.txn().Find(from)) {
    c.reply.Error(error_text::kNoSuchKey);
    return false;
  }
  const bool same = from.bytes == to.bytes;
  renamed = !only_new || !(same || c.txn().Find(to));
  if (!renamed || same) return true;
  const absl::Status status = c.txn().Rename(from, to);
  if (!status.ok()) c.reply.Error(FromStore(status));
  return status.ok();
}

}  // namespace

void Del(Context& c) { Remove(c, UserDeleteMode(c)); }

void Unlink(Context& c) { Remove(c, store::FreeMode::kLazy); }

void Exists(Context& c) { CountThere(c, PeekForRead); }

void Touch(Context& c) { CountThere(c, FindForRead); }

void Type(Context& c) {
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = PeekForRead(c, key);
  c.reply.Simple(entry ? store::RowOf(entry->type).name : kNoType);
}

void Rename(Context& c) {
  bool renamed;
  if (RenameWith(c, /*only_new=*/false, renamed)) c.reply.Ok();
}

void RenameNx(Context& c) {
  bool renamed;
  if (RenameWith(c, /*only_new=*/true, renamed)) c.reply.Integer(renamed ? 1 : 0);
}

void RandomKey(Context& c) {
  const std::optional<std::string> key = c.keyspace().RandomKey(c.server.NextRandom(), c.now);
  if (!key) return c.reply.Null();
  c.reply.Bulk(*key);
}

}  // namespace dcs::resp::commands
