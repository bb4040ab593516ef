#include "store/values/hash_value.h"

#include <array>
#include <memory>
#include <utility>

namespace dcs::store {

// Every bit of the seed acts on the part that is kept.
HashValue::HashValue(uint64_t seed)
    : HeapValue(kType),
      seed_(static_cast<uint32_t>(seed * 0x9E3779B97F4A7C15u >> (64 - kSeedBits))),
      packed_() {}

HashValue::~HashValue() { large() ? std::destroy_at(&tree_) : std::destroy_at(&packed_); }

PackedBuffer::Position HashValue::FindField(std::string_view field) const {
  return packed_.Find(Needle(field), packed_.begin(), /*skip=*/1);
}

void HashValue::VisitAt(PackedBuffer::Position field, Visit visit) const {
  TextOrInteger::Digits field_digits, value_digits;
  visit(packed_.At(field).Text(field_digits), packed_.At(packed_.Next(field)).Text(value_digits));
}

bool HashValue::Set(std::string_view field, std::string_view value, const EncodingLimits& limits) {
  if (large()) {
    const bool is_new = tree_->Set(field, value);
    CountChange();
    return is_new;
  }
  const PackedBuffer::Position found = FindField(field);
  const bool is_new = found == packed_.end();
  const size_t fields = size() + (is_new ? 1 : 0);
  const size_t longest = limits.hash_max_listpack_value;
  const bool fits =
      field.size() <= longest && value.size() <= longest &&
      fields <= limits.hash_max_listpack_entries && 2 * fields <= PackedBuffer::kMaxSize &&
      packed_.used_bytes() + field.size() + value.size() + 2 * PackedBuffer::kMaxOverhead <=
          PackedBuffer::kMaxBytes;
  if (!fits) {
    auto tree = std::make_unique<FieldTree>(uint64_t{seed_});
    ForEach([&](std::string_view old_field, std::string_view old_value) {
      tree->Set(old_field, old_value);
    });
    tree->Set(field, value);
    std::destroy_at(&packed_);
    std::construct_at(&tree_, std::move(tree));
    large_ = 1;
  } else if (is_new) {
    const std::array parts{field, value};
    packed_.Insert(packed_.end(), parts);
  } else {
    packed_.Replace(packed_.Next(found), value);
  }
  CountChange();
  return is_new;
}

std::optional<TextOrInteger> HashValue::Get(std::string_view field) const {
  if (large()) {
    const std::optional<std::string_view> value = tree_->Get(field);
    if (!value) return std::nullopt;
    return TextOrInteger(*value);
  }
  const PackedBuffer::Position found = FindField(field);
  if (found == packed_.end()) return std::nullopt;
  return packed_.At(packed_.Next(found));
}

bool HashValue::Erase(std::string_view field) noexcept {
  if (large()) {
    if (!tree_->Erase(field)) return false;
  } else {
    const PackedBuffer::Position found = FindField(field);
    if (found == packed_.end()) return false;
    packed_.Erase(found, 2);
  }
  CountChange();
  return true;
}

void HashValue::ForEach(Visit visit) const {
  if (large()) return tree_->ForEach(visit);
  for (auto at = packed_.begin(); at != packed_.end(); at = packed_.Next(packed_.Next(at))) {
    VisitAt(at, visit);
  }
}

void HashValue::Walk(absl::FunctionRef<void(std::string_view part)> visit) const {
  ForEach([&](std::string_view field, std::string_view value) {
    visit(field);
    visit(value);
  });
}

uint64_t HashValue::Scan(uint64_t cursor, size_t count, Visit visit) const {
  if (large()) return tree_->Scan(cursor, count, visit);
  ForEach(visit);
  return 0;
}

void HashValue::VisitRandom(RandomBits bits, Visit visit) const {
  if (large()) return tree_->VisitRandom(bits, visit);
  VisitAt(packed_.AtIndex(2 * UniformBelow(size(), bits)), visit);
}

}  // namespace dcs::store
