// The set type: distinct byte strings.
//
// Three forms:
//   integers   a sorted array (integer_set.h) while every member is an integer and there are at most
//              set_max_intset_entries of them: encoding "intset", ascending order
//   packed     up to 64 members of up to 64 bytes in one packed buffer, in the order of insertion
//   tree       a B-tree ordered by hash of the member, which gives the cursor of Scan
//
// The last two are "hashtable" to Redis 7.0. A set only ever changes to a later form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "store/values/encoding_limits.h"
#include "store/values/integer_set.h"
#include "store/values/packed_buffer.h"
#include "store/values/random_choice.h"
#include "store/values/value.h"

namespace dcs::store {

// Thread safety: see HeapValue. Members that throw std::bad_alloc change nothing before.
class SetValue final : public HeapValue {
 public:
  static constexpr ValueType kType = ValueType::kSet;
  static constexpr size_t kPartsOfElement = 1;
  static constexpr size_t kMostPacked = 64;       // members
  static constexpr size_t kMostPackedBytes = 64;  // of a member

  // 16 bits of `seed` order the tree. Clients that guess them can only make a step of Scan longer.
  explicit SetValue(uint64_t seed);
  ~SetValue() override;

  size_t size() const override;
  size_t bytes() const override;

  // Returns whether the member is new. O(log n) in the tree, O(n) in the small forms. Throws std::bad_alloc.
  bool Add(std::string_view member, const EncodingLimits& limits = kDefaultEncodingLimits);
  // Returns whether the member was there. Cost as Add.
  bool Erase(std::string_view member) noexcept;
  // O(log n); O(n) if packed.
  bool Contains(std::string_view member) const;

  // A uniformly random member. O(log n); O(n) if packed. Throws std::bad_alloc. REQUIRES: size() > 0.
  std::string Random(RandomBits bits) const;
  // The same, and erases it. O(n) in the small forms.
  std::string Pop(RandomBits bits);

  // The member's text is valid until the visitor returns.
  using Visit = absl::FunctionRef<void(std::string_view member)>;
  void ForEach(Visit visit) const;
  // Visits about `count` members from `cursor` on, more if hashes collide. Returns the next cursor, below
  // 2^32; 0 at the end. A member that is present during the whole walk is visited exactly once. The small
  // forms visit all members from any cursor.
  uint64_t Scan(uint64_t cursor, size_t count, Visit visit) const;

  // The type table's element walk.
  void Walk(Visit visit) const { ForEach(visit); }
  void Add(std::span<const std::string_view> parts, const EncodingLimits& limits) {
    Add(parts[0], limits);
  }
  // What OBJECT ENCODING replies.
  std::string_view encoding() const { return form_ == Form::kIntegers ? "intset" : "hashtable"; }

 private:
  enum class Form : uint8_t { kIntegers, kPacked, kTree };
  struct Tree;

  // Whether a packed buffer may hold that many members, this one among them.
  static bool FitsPacked(size_t members, std::string_view member);
  // Changes to the packed or the tree form with one member more.
  void LeaveIntegers(std::string_view added);
  void ChangeToTree(std::string_view added);
  void Become(PackedBuffer packed) noexcept;
  void Become(std::unique_ptr<Tree> tree) noexcept;
  void DestroyForm() noexcept;

  Form form_ = Form::kIntegers;
  const uint16_t seed_;
  union {
    IntegerSet integers_;
    PackedBuffer packed_;
    std::unique_ptr<Tree> tree_;
  };
};

}  // namespace dcs::store
