#include "store/values/field_tree.h"

#include <bit>

#include "store/key_hash.h"

namespace dcs::store {

FieldTree::Place FieldTree::PlaceOf(std::string_view field) const {
  return {HashBytes(field, seed_) >> (64 - kHashBits), field};
}

bool FieldTree::Set(std::string_view field, std::string_view value) {
  const Place place = PlaceOf(field);
  const auto at = fields_.lower_bound(place);
  if (at != fields_.end() && !Before()(place, *at)) {
    const size_t before = at->texts.bytes();
    at->texts.SetSecond(value);
    text_bytes_ += at->texts.bytes() - before;
    return false;
  }
  Field made{place.hash, TextPair(field, value)};
  const size_t bytes = made.texts.bytes();
  fields_.insert(at, std::move(made));
  text_bytes_ += bytes;
  return true;
}

std::optional<std::string_view> FieldTree::Get(std::string_view field) const {
  const auto at = fields_.find(PlaceOf(field));
  if (at == fields_.end()) return std::nullopt;
  return at->texts.second();
}

bool FieldTree::Erase(std::string_view field) noexcept {
  const auto at = fields_.find(PlaceOf(field));
  if (at == fields_.end()) return false;
  text_bytes_ -= at->texts.bytes();
  fields_.erase(at);
  return true;
}

void FieldTree::ForEach(Visit visit) const {
  for (const Field& field : fields_) visit(field.texts.first(), field.texts.second());
}

uint64_t FieldTree::Scan(uint64_t cursor, size_t count, Visit visit) const {
  auto at = fields_.lower_bound(Place{cursor, {}});
  size_t visited = 0;
  uint64_t last = 0;
  // The cursor can only point between hashes, so fields with the same hash are visited together.
  for (; at != fields_.end() && (visited < count || at->hash == last); ++at) {
    last = at->hash;
    visit(at->texts.first(), at->texts.second());
    ++visited;
  }
  return at == fields_.end() ? 0 : last + 1;
}

// Rejection: draws one of 2^k equal ranges of hashes and a number below kMostInRange. If the range has a
// field of that number, it is the choice; otherwise draws again. Each field is drawn with the same chance.
void FieldTree::VisitRandom(RandomBits bits, Visit visit) const {
  constexpr size_t kFewestInRange = 16;  // on average; fewer than twice as many
  constexpr size_t kMostInRange = 96;
  const auto range_bits = static_cast<int>(std::bit_width(size() / kFewestInRange)) - 1;
  if (range_bits <= 0) {
    auto at = fields_.begin();
    for (uint64_t skip = UniformBelow(size(), bits); skip > 0; --skip) ++at;
    return visit(at->texts.first(), at->texts.second());
  }
  for (;;) {
    const uint64_t range = bits() >> (64 - range_bits);
    uint64_t skip = UniformBelow(kMostInRange, bits);
    auto at = fields_.lower_bound(Place{range << (kHashBits - range_bits), {}});
    const auto in_range = [&] {
      return at != fields_.end() && at->hash >> (kHashBits - range_bits) == range;
    };
    for (; skip > 0 && in_range(); --skip) ++at;
    if (in_range()) return visit(at->texts.first(), at->texts.second());
  }
}

}  // namespace dcs::store
