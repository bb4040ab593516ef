#include "store/values/hash_value.h"

#include <array>
#include <memory>

namespace dcs::store {

HashValue::~HashValue() {
  if (large_) delete tree_;
}

PackedBuffer::Position HashValue::FindField(std::string_view field) const {
  return packed_.Find(Needle(field), packed_.begin(), /*skip=*/1);
}

void HashValue::VisitAt(PackedBuffer::Position field, Visit visit) const {
  TextOrInteger::Digits field_digits, value_digits;
  visit(packed_.At(field).Text(field_digits), packed_.At(packed_.Next(field)).Text(value_digits));
}

bool HashValue::Set(std::string_view field, std::string_view value, const EncodingLimits& limits) {
  if (large_) {
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
    auto tree = std::make_unique<FieldTree>(seed_);
    ForEach([&](std::string_view old_field, std::string_view old_value) {
      tree->Set(old_field, old_value);
    });
    tree->Set(field, value);
    packed_.Clear();
    tree_ = tree.release();
    large_ = true;
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
  if (large_) {
    const std::optional<std::string_view> value = tree_->Get(field);
    if (!value) return std::nullopt;
    return TextOrInteger(*value);
  }
  const PackedBuffer::Position found = FindField(field);
  if (found == packed_.end()) return std::nullopt;
  return packed_.At(packed_.Next(found));
}

bool HashValue::Erase(std::string_view field) noexcept {
  if (large_) {
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
  if (large_) return tree_->ForEach(visit);
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
  if (large_) return tree_->Scan(cursor, count, visit);
  ForEach(visit);
  return 0;
}

void HashValue::VisitRandom(RandomBits bits, Visit visit) const {
  if (large_) return tree_->VisitRandom(bits, visit);
  VisitAt(packed_.AtIndex(2 * UniformBelow(size(), bits)), visit);
}

}  // namespace dcs::store
