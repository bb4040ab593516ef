// The large form of a hash: a B-tree of its fields in the order of their hash.
//
// HSCAN needs no state in the server: the cursor is a position in that order. A field that is present during
// the whole walk is returned exactly once, whatever is added or removed in between.
//
// Size: per field 16 bytes in a node of the tree, about 70 % full after random insertion, and one allocation
// of field and value with 2 bytes of lengths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/functional/function_ref.h"
#include "store/memory/counting_allocator.h"
#include "store/values/random_choice.h"
#include "store/values/text_pair.h"

namespace dcs::store {

// Thread safety: none; guarded with its owner. Views are valid until the next change.
class FieldTree {
 public:
  // `seed` is secret, so that clients cannot choose fields whose hashes collide.
  explicit FieldTree(uint64_t seed)
      : seed_(seed), fields_(CountingAllocator<Field>(&node_bytes_)) {}
  FieldTree(const FieldTree&) = delete;
  FieldTree& operator=(const FieldTree&) = delete;

  size_t size() const { return fields_.size(); }
  // Bytes requested from the allocator, the object itself included. O(1).
  size_t bytes() const { return sizeof(*this) + node_bytes_ + text_bytes_; }

  // Returns whether the field is new. O(log n). Throws std::bad_alloc with nothing changed.
  bool Set(std::string_view field, std::string_view value);
  std::optional<std::string_view> Get(std::string_view field) const;
  // Returns whether the field was there. O(log n).
  bool Erase(std::string_view field) noexcept;

  using Visit = absl::FunctionRef<void(std::string_view field, std::string_view value)>;
  void ForEach(Visit visit) const;
  // Visits about `count` fields from `cursor` on, more if hashes collide. Returns the next cursor, 0 at the
  // end. Cursors are below 2^63; from a larger one nothing is visited.
  uint64_t Scan(uint64_t cursor, size_t count, Visit visit) const;
  // Visits one field, each with the same chance. Expected cost: four searches of O(log n) and 80 steps.
  // The chance is exactly the same unless more than 96 fields fall into one of n/32 to n/16 equal ranges of
  // hashes; for random hashes that is less likely than 10^-19 per range. REQUIRES: size() > 0.
  void VisitRandom(RandomBits bits, Visit visit) const;

 private:
  // 62 bits: the cursor after the last place is still below 2^63.
  static constexpr int kHashBits = 62;
  struct Place {
    uint64_t hash;
    std::string_view field;
  };
  // Move-only: a B-tree that grows moves its elements, which must not throw half-way.
  struct Field {
    uint64_t hash;
    mutable TextPair texts;  // the value is not part of the order
  };
  struct Before {
    using is_transparent = void;
    static uint64_t HashOf(const Field& field) { return field.hash; }
    static uint64_t HashOf(const Place& place) { return place.hash; }
    static std::string_view NameOf(const Field& field) { return field.texts.first(); }
    static std::string_view NameOf(const Place& place) { return place.field; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return HashOf(a) != HashOf(b) ? HashOf(a) < HashOf(b) : NameOf(a) < NameOf(b);
    }
  };
  using Fields = absl::btree_set<Field, Before, CountingAllocator<Field>>;

  Place PlaceOf(std::string_view field) const;

  const uint64_t seed_;
  size_t node_bytes_ = 0;
  size_t text_bytes_ = 0;
  Fields fields_;
};

}  // namespace dcs::store
