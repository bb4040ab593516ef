#include "tools/simulate/key_maker.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "store/values/hash_value.h"

namespace dcs::simulate {
namespace {

enum Lane : uint64_t { kKeyLane = 1, kContentLane = 2 };

size_t ToSize(double value) { return static_cast<size_t>(std::llround(std::max(value, 0.0))); }

}  // namespace

KeyMaker::KeyMaker(const KeyGroup& group, uint64_t seed) : group_(group), seed_(seed) {}

void KeyMaker::NameOf(uint64_t number, std::string& name) const {
  Random random(Mix(Mix(seed_, kKeyLane), number));
  const size_t length = ToSize(Draw(group_.key_bytes, random));
  char digits[20];
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  name.assign(group_.name);
  name += ':';
  if (name.size() + count < length) name.append(length - name.size() - count, '0');
  while (count > 0) name += digits[--count];
}

Content KeyMaker::ContentOf(uint64_t number, uint64_t version) const {
  Random random(Mix(Mix(Mix(seed_, kContentLane), number), version));
  Content content;
  content.value_bytes = ToSize(Draw(group_.value_bytes, random));
  if (group_.type == store::ValueType::kHash) {
    content.fields = std::max<size_t>(ToSize(Draw(group_.fields, random)), 1);
  }
  if (group_.expires_in_s && random.Unit() >= group_.no_deadline_share) {
    content.lifetime_ms = std::llround(std::max(Draw(*group_.expires_in_s, random), 0.0) * 1000);
  }
  return content;
}

absl::Status KeyMaker::Write(store::Transaction& txn, const store::HashedKey& key,
                             const Content& content) {
  if (pattern_.size() < content.value_bytes) pattern_.resize(content.value_bytes, 'v');
  const std::string_view value = std::string_view(pattern_).substr(0, content.value_bytes);
  const TimeMs deadline = DeadlineOf(content, txn.now());
  if (content.fields == 0) return txn.SetString(key, value, deadline);
  txn.Erase(key);
  absl::StatusOr<store::HashValue*> hash = txn.FindOrMake<store::HashValue>(key);
  if (!hash.ok()) return hash.status();
  for (size_t i = 0; i < content.fields; ++i) (*hash)->Set("field:" + std::to_string(i), value);
  txn.SetDeadline(key, deadline);
  return absl::OkStatus();
}

void NoteMade(const store::Transaction& txn, const store::HashedKey& key, ExpiryLedger& ledger) {
  const std::optional<store::Entry> made = txn.Inspect(key);
  ledger.Make(made->deadline, made->bytes());
}

}  // namespace dcs::simulate
