#include "store/values/hash_value.h"

#include "store/key_hash.h"

namespace dcs::store {
namespace {

// Redis 7: hash-max-listpack-entries and hash-max-listpack-value.
constexpr size_t kCompactFields = 512;
constexpr size_t kCompactBytes = 64;

}  // namespace

HashValue::HashValue(uint64_t seed)
    : HeapValue(kType), seed_(seed), fields_(Fields::allocator_type(&counted_bytes_)) {}

HashValue::Place HashValue::PlaceOf(std::string_view field) const {
  // 62 bits: the cursor after the last place is still below 2^63.
  return {HashBytes(field, seed_) >> 2, field};
}

HashValue::Text HashValue::ToText(std::string_view bytes) {
  return Text(bytes, CountingAllocator<char>(&counted_bytes_));
}

bool HashValue::Set(std::string_view field, std::string_view value) {
  const Place place = PlaceOf(field);
  const auto at = fields_.lower_bound(place);
  const bool found = at != fields_.end() && !Before()(place, *at);
  if (found) {
    at->value.assign(value);
  } else {
    fields_.insert(at, Field(place.hash, ToText(field), ToText(value)));
  }
  CountChange();
  compact_ = compact_ && fields_.size() <= kCompactFields && field.size() <= kCompactBytes &&
             value.size() <= kCompactBytes;
  return !found;
}

std::optional<std::string_view> HashValue::Get(std::string_view field) const {
  const auto at = fields_.find(PlaceOf(field));
  if (at == fields_.end()) return std::nullopt;
  return std::string_view(at->value);
}

bool HashValue::Erase(std::string_view field) {
  const auto at = fields_.find(PlaceOf(field));
  if (at == fields_.end()) return false;
  fields_.erase(at);
  CountChange();
  return true;
}

void HashValue::ForEach(Visit visit) const {
  for (const Field& field : fields_) visit(field.name, field.value);
}

void HashValue::Walk(absl::FunctionRef<void(std::string_view part)> visit) const {
  for (const Field& field : fields_) {
    visit(field.name);
    visit(field.value);
  }
}

uint64_t HashValue::Scan(uint64_t cursor, size_t count, Visit visit) const {
  auto at = compact_ ? fields_.begin() : fields_.lower_bound(Place{cursor, {}});
  size_t visited = 0;
  uint64_t last = 0;
  // The cursor can only point between hashes, so fields with the same hash are visited together.
  for (; at != fields_.end() && (compact_ || visited < count || at->hash == last); ++at) {
    last = at->hash;
    visit(at->name, at->value);
    ++visited;
  }
  return at == fields_.end() ? 0 : last + 1;
}

}  // namespace dcs::store
