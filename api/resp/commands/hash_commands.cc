// Hashes.
#include <cmath>
#include <string_view>

#include "api/resp/commands/arguments.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/commands/lookup.h"
#include "api/resp/protocol/numbers.h"
#include "store/values/hash_value.h"

namespace dcs::resp::commands {
namespace {

using std::string_view;
using store::HashedKey;
using store::HashValue;
using store::TextOrInteger;
using store::ValueType;

// The command's hash, for reading. refused(): the key has another type, and the error is replied.
class HashForRead {
 public:
  explicit HashForRead(Context& c) {
    const std::optional<store::Entry> entry = FindForRead(c, c.Key());
    refused_ = !HasType(c, entry, ValueType::kHash);
    if (entry && !refused_) hash_ = static_cast<const HashValue*>(entry->heap);
  }
  bool refused() const { return refused_; }
  // nullptr if the key is absent.
  const HashValue* operator->() const { return hash_; }
  explicit operator bool() const { return hash_ != nullptr; }

 private:
  bool refused_ = false;
  const HashValue* hash_ = nullptr;
};

// The command's hash, to be changed; made if the key is absent. nullptr if the error is replied.
HashValue* HashForWrite(Context& c, const HashedKey& key) {
  if (!HasType(c, c.txn().Find(key), ValueType::kHash)) return nullptr;
  const absl::StatusOr<HashValue*> hash = c.txn().FindOrMake<HashValue>(key);
  if (hash.ok()) return *hash;
  c.reply.Error(FromStore(hash.status()));
  return nullptr;
}

void ReplyField(Context& c, const std::optional<TextOrInteger>& value) {
  if (value) {
    TextOrInteger::Digits digits;
    c.reply.Bulk(value->Text(digits));
  } else {
    c.reply.Null();
  }
}

// Sets the pairs and returns how many fields are new; -1 with the error replied.
int64_t SetFields(Context& c) {
  if (c.args.size() % 2 == 1) {
    c.reply.Error(WrongArity(c.command));
    return -1;
  }
  const HashedKey& key = c.Key();
  HashValue* hash = HashForWrite(c, key);
  if (hash == nullptr) return -1;
  int64_t added = 0;
  for (size_t i = 2; i < c.args.size(); i += 2) {
    added += hash->Set(c.args[i], c.args[i + 1]) ? 1 : 0;
  }
  return added;
}

}  // namespace

void HSet(Context& c) {
  const int64_t added = SetFields(c);
  if (added >= 0) c.reply.Integer(added);
}

void HMSet(Context& c) {
  if (SetFields(c) >= 0) c.reply.Ok();
}

void HSetNx(Context& c) {
  const HashedKey& key = c.Key();
  HashValue* hash = HashForWrite(c, key);
  if (hash == nullptr) return;
  const bool is_new = !hash->Get(c.args[2]);
  if (is_new) hash->Set(c.args[2], c.args[3]);
  c.reply.Integer(is_new ? 1 : 0);
}

void HGet(Context& c) {
  const HashForRead hash(c);
  if (hash.refused()) return;
  ReplyField(c, hash ? hash->Get(c.args[2]) : std::nullopt);
}

void HMGet(Context& c) {
  const HashForRead hash(c);
  if (hash.refused()) return;
  const Arguments fields = c.args.subspan(2);
  c.reply.Array(fields.size());
  for (const string_view field : fields) ReplyField(c, hash ? hash->Get(field) : std::nullopt);
}

void HGetAll(Context& c) {
  const HashForRead hash(c);
  if (hash.refused()) return;
  c.reply.Map(hash ? hash->size() : 0);
  if (!hash) return;
  hash->ForEach([&](string_view field, string_view value) {
    c.reply.Bulk(field);
    c.reply.Bulk(value);
  });
}

void HKeys(Context& c) {
  const HashForRead hash(c);
  if (hash.refused()) return;
  c.reply.Array(hash ? hash->size() : 0);
  if (hash) hash->ForEach([&](string_view field, string_view) { c.reply.Bulk(field); });
}

void HVals(Context& c) {
  const HashForRead hash(c);
  if (hash.refused()) return;
  c.reply.Array(hash ? hash->size() : 0);
  if (hash) hash->ForEach([&](string_view, string_view value) { c.reply.Bulk(value); });
}

void HDel(Context& c) {
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = c.txn().Find(key);
  if (!HasType(c, entry, ValueType::kHash)) return;
  int64_t removed = 0;
  if (entry) {
    HashValue* hash = c.txn().Mutable<HashValue>(key);
    for (const string_view field : c.args.subspan(2)) removed += hash->Erase(field) ? 1 : 0;
  }
  c.reply.Integer(removed);
}

void HLen(Context& c) {
  const HashForRead hash(c);
  if (hash.refused()) return;
  c.reply.Integer(hash ? static_cast<int64_t>(hash->size()) : 0);
}

void HExists(Context& c) {
  const HashForRead hash(c);
  if (hash.refused()) return;
  c.reply.Integer(hash && hash->Get(c.args[2]) ? 1 : 0);
}

void HStrLen(Context& c) {
  const HashForRead hash(c);
  if (hash.refused()) return;
  const std::optional<TextOrInteger> value = hash ? hash->Get(c.args[2]) : std::nullopt;
  c.reply.Integer(value ? static_cast<int64_t>(value->size()) : 0);
}

void HIncrBy(Context& c) {
  int64_t amount;
  if (!ReadInteger(c, c.args[3], amount)) return;
  const HashedKey& key = c.Key();
  HashValue* hash = HashForWrite(c, key);
  if (hash == nullptr) return;
  int64_t value = 0;
  if (const std::optional<TextOrInteger> before = hash->Get(c.args[2])) {
    TextOrInteger::Digits digits;
    const string_view text = before->Text(digits);
    if (!ReadInteger(c, text, value, "ERR hash value is not an integer")) return;
  }
  if (__builtin_add_overflow(value, amount, &value)) return c.reply.Error(error_text::kOverflow);
  hash->Set(c.args[2], IntegerText(value).view());
  c.reply.Integer(value);
}

void HIncrByFloat(Context& c) {
  long double amount;
  if (!ReadFloat(c, c.args[3], amount)) return;
  if (!std::isfinite(amount)) return c.reply.Error("ERR value is NaN or Infinity");
  const HashedKey& key = c.Key();
  HashValue* hash = HashForWrite(c, key);
  if (hash == nullptr) return;
  std::optional<long double> value = 0;
  if (const std::optional<TextOrInteger> before = hash->Get(c.args[2])) {
    TextOrInteger::Digits digits;
    value = ParseFloat(before->Text(digits));
  }
  if (!value) return c.reply.Error("ERR hash value is not a float");
  *value += amount;
  if (!std::isfinite(*value)) return c.reply.Error(error_text::kNotFinite);
  const std::string text = FormatFloat(*value);
  hash->Set(c.args[2], text);
  c.reply.Bulk(text);
}

}  // namespace dcs::resp::commands
