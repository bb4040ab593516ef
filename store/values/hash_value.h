// The hash type: fields and their values, walkable with a cursor.
//
// A B-tree holds the fields in the order of their hash, so HSCAN needs no state in the server. The cursor
// is a position in that order: a field that is present during the whole walk is returned exactly once,
// whatever is added or removed in between.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/functional/function_ref.h"
#include "store/memory/counting_allocator.h"
#include "store/values/value.h"

namespace dcs::store {

// Thread safety: see HeapValue. Views returned stay valid until the next change.
class HashValue final : public HeapValue {
 public:
  static constexpr ValueType kType = ValueType::kHash;
  static constexpr size_t kPartsOfElement = 2;  // field and value

  // `seed` is secret, so that clients cannot choose fields whose hashes collide.
  explicit HashValue(uint64_t seed);

  size_t size() const override { return fields_.size(); }
  size_t bytes() const override { return sizeof(*this) + counted_bytes_; }

  // Returns whether the field is new. O(log n). Throws std::bad_alloc with nothing changed.
  bool Set(std::string_view field, std::string_view value);
  std::optional<std::string_view> Get(std::string_view field) const;
  // Returns whether the field was there. O(log n).
  bool Erase(std::string_view field);

  using Visit = absl::FunctionRef<void(std::string_view field, std::string_view value)>;
  void ForEach(Visit visit) const;
  // Visits field and value of each element: the type table's element walk.
  void Walk(absl::FunctionRef<void(std::string_view part)> visit) const;
  void Add(std::span<const std::string_view> parts) { Set(parts[0], parts[1]); }
  // What OBJECT ENCODING replies.
  std::string_view encoding() const { return compact_ ? "listpack" : "hashtable"; }

  // Visits about `count` fields from `cursor` on, more if hashes collide. Returns the next cursor, 0 at the
  // end. Cursors are below 2^63. While compact(), visits all fields from any cursor, as Redis does.
  uint64_t Scan(uint64_t cursor, size_t count, Visit visit) const;

  // Whether Redis 7 would still store it as a listpack under its default limits: at most 512 fields, and no
  // field or value over 64 bytes. Once false, it stays false.
  bool compact() const { return compact_; }

 private:
  using Text = std::basic_string<char, std::char_traits<char>, CountingAllocator<char>>;
  struct Place {
    uint64_t hash;
    std::string_view field;
  };
  // Move-only: a B-tree that grows moves its elements, which must not throw half-way.
  struct Field {
    Field(uint64_t field_hash, Text field_name, Text field_value)
        : hash(field_hash), name(std::move(field_name)), value(std::move(field_value)) {}
    Field(Field&&) noexcept = default;
    Field& operator=(Field&&) noexcept = default;

    uint64_t hash;
    Text name;
    mutable Text value;  // not part of the order
  };
  struct Before {
    using is_transparent = void;
    static Place PlaceOf(const Field& field) { return {field.hash, field.name}; }
    static const Place& PlaceOf(const Place& place) { return place; }
    template <typename A, typename B>
    bool operator()(const A& left, const B& right) const {
      const Place a = PlaceOf(left), b = PlaceOf(right);
      return a.hash != b.hash ? a.hash < b.hash : a.field < b.field;
    }
  };
  using Fields = absl::btree_set<Field, Before, CountingAllocator<Field>>;

  Place PlaceOf(std::string_view field) const;
  Text ToText(std::string_view bytes);

  const uint64_t seed_;
  size_t counted_bytes_ = 0;
  bool compact_ = true;
  Fields fields_;
};

}  // namespace dcs::store
