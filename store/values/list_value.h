// The list type: texts in order, fast at both ends.
//
// A small list is one packed buffer. A larger one is a sequence of them (ListNodes), each within the limit
// list_max_listpack_size. A text that exceeds the limit has a node of its own. OBJECT ENCODING of both is
// "quicklist", as in Redis 7.0.
//
// Cost: a node has at most 64 KiB unless it is one text, so work within a node counts as O(1). What looks
// for an index skips whole nodes from the nearer end: O(nodes), one cache miss each.
//
// Failed allocations: members that add throw std::bad_alloc with the elements unchanged. The others never
// fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "store/values/encoding_limits.h"
#include "store/values/list_nodes.h"
#include "store/values/packed_buffer.h"
#include "store/values/text_or_integer.h"
#include "store/values/value.h"

namespace dcs::store {

// Thread safety: see HeapValue. Texts returned stay valid until the next change; texts passed to a visit
// until the visit returns. Texts passed in must not lie in the list.
class ListValue final : public HeapValue {
 public:
  static constexpr ValueType kType = ValueType::kList;
  static constexpr size_t kPartsOfElement = 1;

  using End = ListNodes::End;

  // A list needs no seed: its order is the clients'.
  explicit ListValue(uint64_t = 0) : HeapValue(kType) {}

  size_t size() const override { return nodes_ ? nodes_->elements() : packed_.size(); }
  size_t bytes() const override {
    return sizeof(*this) + (nodes_ ? nodes_->bytes() : packed_.bytes());
  }

  // Amortised O(1).
  void Push(End end, std::string_view text, const EncodingLimits& limits = kDefaultEncodingLimits);
  // Removes up to `count` elements from that end. Amortised O(count).
  void Pop(End end, size_t count = 1) noexcept;

  // O(1) near both ends, else O(nodes). REQUIRES: index < size().
  TextOrInteger At(size_t index) const;
  // O(nodes). REQUIRES: index < size().
  void Set(size_t index, std::string_view text,
           const EncodingLimits& limits = kDefaultEncodingLimits);

  // Inserts `text` beside the first element equal to `pivot`. Returns false if there is none. O(n).
  enum class Side { kBefore, kAfter };
  bool InsertBeside(std::string_view pivot, Side side, std::string_view text,
                    const EncodingLimits& limits = kDefaultEncodingLimits);

  // Removes up to `count` elements equal to `text`, beginning at that end. Returns how many. O(n).
  size_t Remove(std::string_view text, End from, size_t count) noexcept;
  // Keeps `count` elements from `first` on. O(nodes + elements removed).
  void Trim(size_t first, size_t count) noexcept;

  // Visits up to `count` elements from `first` on. O(nodes + count).
  void ForRange(size_t first, size_t count, absl::FunctionRef<void(std::string_view text)>) const;
  // Visits the indices of elements equal to `text`, beginning at that end: at most `most` elements are
  // compared. Ends when visit returns false. O(n).
  void FindAll(std::string_view text, End from, size_t most,
               absl::FunctionRef<bool(size_t index)> visit) const;

  // The type table's element walk.
  void Walk(absl::FunctionRef<void(std::string_view part)> visit) const {
    ForRange(0, size(), visit);
  }
  void Add(std::span<const std::string_view> parts, const EncodingLimits& limits) {
    Push(End::kBack, parts[0], limits);
  }
  std::string_view encoding() const { return "quicklist"; }

  // Of the packed buffers: for tests and figures. O(1).
  size_t nodes() const { return all().size(); }

 private:
  // An element, or the place after the last one of a node.
  struct Place {
    size_t node;
    PackedBuffer::Position at;
  };

  std::span<const PackedBuffer> all() const {
    if (nodes_) return nodes_->all();
    return {&packed_, packed_.empty() ? size_t{0} : size_t{1}};
  }
  Place PlaceOf(size_t index) const;
  template <typename Change>
  auto Edit(size_t node, Change change) {
    return nodes_ ? nodes_->Edit(node, change) : change(packed_);
  }
  void InsertAt(Place place, std::string_view text, const EncodingLimits& limits);
  // Moves to the large form, if need be, and makes room for `more` nodes.
  void Reserve(End end, size_t more);
  // Merges a node with the next one if both fit into one and there is memory.
  void MergeWithNext(size_t node, const EncodingLimits& limits) noexcept;
  void EraseRange(size_t first, size_t count) noexcept;
  // Drops a node that was left empty. Returns whether it was.
  bool DropIfEmpty(size_t node) noexcept;
  // Back to the small form if one node is left.
  void Settle() noexcept;

  PackedBuffer packed_;               // small form; empty if nodes_
  std::unique_ptr<ListNodes> nodes_;  // large form: two nodes or more
};
static_assert(sizeof(ListValue) == 32);

}  // namespace dcs::store
