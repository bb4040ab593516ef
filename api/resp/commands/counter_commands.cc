// Strings as numbers.
#include <cmath>
#include <limits>
#include <string_view>

#include "api/resp/commands/arguments.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/commands/lookup.h"
#include "api/resp/protocol/numbers.h"

namespace dcs::resp::commands {
namespace {

using store::HashedKey;

void Add(Context& c, int64_t amount) {
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = c.txn().Find(key);
  if (!HasType(c, entry, store::ValueType::kString)) return;
  int64_t value = 0;
  if (entry && !ReadInteger(c, entry->string, value)) return;
  if (__builtin_add_overflow(value, amount, &value)) return c.reply.Error(error_text::kOverflow);
  const store::TimeMs deadline = entry ? entry->deadline : store::kNoDeadline;
  if (StoreString(c, key, IntegerText(value).view(), deadline)) c.reply.Integer(value);
}

}  // namespace

void Incr(Context& c) { Add(c, 1); }

void Decr(Context& c) { Add(c, -1); }

void IncrBy(Context& c) {
  int64_t amount;
  if (ReadInteger(c, c.args[2], amount)) Add(c, amount);
}

void DecrBy(Context& c) {
  int64_t amount;
  if (!ReadInteger(c, c.args[2], amount)) return;
  if (amount == std::numeric_limits<int64_t>::min()) {
    return c.reply.Error("ERR decrement would overflow");
  }
  Add(c, -amount);
}

void IncrByFloat(Context& c) {
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = c.txn().Find(key);
  if (!HasType(c, entry, store::ValueType::kString)) return;
  long double value = 0;
  long double amount;
  if (entry && !ReadFloat(c, entry->string, value)) return;
  if (!ReadFloat(c, c.args[2], amount)) return;
  value += amount;
  if (!std::isfinite(value)) return c.reply.Error(error_text::kNotFinite);
  const std::string text = FormatFloat(value);
  const store::TimeMs deadline = entry ? entry->deadline : store::kNoDeadline;
  if (StoreString(c, key, text, deadline, store::StringForm::kText)) c.reply.Bulk(text);
}

}  // namespace dcs::resp::commands
