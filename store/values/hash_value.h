// The hash type: fields and their values, walkable with a cursor.
//
// Small form: a packed buffer of field, value, field, value in the order of insertion. Redis calls it
// "listpack". All members that look for a field take O(n).
// Large form: a FieldTree ("hashtable"). A hash changes to it when an addition exceeds the limits: more
// fields than hash_max_listpack_entries, or a field or value longer than hash_max_listpack_value. It never
// changes back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "store/values/encoding_limits.h"
#include "store/values/field_tree.h"
#include "store/values/packed_buffer.h"
#include "store/values/random_choice.h"
#include "store/values/text_or_integer.h"
#include "store/values/value.h"

namespace dcs::store {

// Thread safety: see HeapValue. Texts returned stay valid until the next change; texts passed to a visit
// until the visit returns. Texts passed in must not lie in the hash.
class HashValue final : public HeapValue {
 public:
  static constexpr ValueType kType = ValueType::kHash;
  static constexpr size_t kPartsOfElement = 2;  // field and value

  // `seed` is secret, so that clients cannot choose fields whose hashes collide.
  explicit HashValue(uint64_t seed);
  ~HashValue() override;

  size_t size() const override { return large() ? tree_->size() : packed_.size() / 2; }
  size_t bytes() const override {
    return sizeof(*this) + (large() ? tree_->bytes() : packed_.bytes());
  }

  // Returns whether the field is new. O(log n) if large. Throws std::bad_alloc with nothing changed.
  bool Set(std::string_view field, std::string_view value,
           const EncodingLimits& limits = kDefaultEncodingLimits);
  std::optional<TextOrInteger> Get(std::string_view field) const;
  // Returns whether the field was there. O(log n) if large.
  bool Erase(std::string_view field) noexcept;

  using Visit = absl::FunctionRef<void(std::string_view field, std::string_view value)>;
  // In the order of insertion while small, otherwise in the order of hashes.
  void ForEach(Visit visit) const;
  // Visits field and value of each element: the type table's element walk.
  void Walk(absl::FunctionRef<void(std::string_view part)> visit) const;
  void Add(std::span<const std::string_view> parts, const EncodingLimits& limits) {
    Set(parts[0], parts[1], limits);
  }
  // What OBJECT ENCODING replies.
  std::string_view encoding() const { return large() ? "hashtable" : "listpack"; }

  // Large: see FieldTree::Scan. Small: visits all fields from any cursor and returns 0, as Redis does.
  uint64_t Scan(uint64_t cursor, size_t count, Visit visit) const;
  // Visits one field, each with the same chance: see FieldTree::VisitRandom. O(n) while small.
  // REQUIRES: size() > 0.
  void VisitRandom(RandomBits bits, Visit visit) const;

  // Whether it has the small form.
  bool compact() const { return !large(); }

 private:
  PackedBuffer::Position FindField(std::string_view field) const;
  void VisitAt(PackedBuffer::Position field, Visit visit) const;

  bool large() const { return large_ != 0; }

  // These lie in the three bytes that HeapValue leaves free. Part of a seed is enough: fields whose hashes
  // collide only make one step of HSCAN longer.
  static constexpr int kSeedBits = 23;
  uint32_t large_ : 1 = 0;
  uint32_t seed_ : kSeedBits;
  union {
    PackedBuffer packed_;              // if small
    std::unique_ptr<FieldTree> tree_;  // if large
  };
};
static_assert(sizeof(HashValue) == 24);

}  // namespace dcs::store
