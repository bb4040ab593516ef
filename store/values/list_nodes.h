// The nodes of a large list: packed buffers in a double-ended array.
//
//   slots_    unused slots, the nodes from first to last, spare capacity
//
// Size: 8 bytes per slot. The array grows by half when the slots at one end run out. If half of the slots
// are unused ones at the front, the nodes move there before the array grows at the back.
//
// Invariant: elements() and bytes() are sums over all nodes. Code that changes a node in place does it through
// Edit, which keeps them.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "store/memory/counting_allocator.h"
#include "store/values/packed_buffer.h"

namespace dcs::store {

// Thread safety: none; guarded with its owner.
class ListNodes {
 public:
  ListNodes() : slots_(CountingAllocator<PackedBuffer>(&slot_bytes_)) {}
  ListNodes(const ListNodes&) = delete;
  ListNodes& operator=(const ListNodes&) = delete;

  // Elements of all nodes. O(1).
  size_t elements() const { return elements_; }
  // Bytes requested from the allocator, the object itself included. O(1).
  size_t bytes() const { return sizeof(*this) + slot_bytes_ + node_bytes_; }

  size_t size() const { return slots_.size() - first_; }
  std::span<const PackedBuffer> all() const { return {slots_.data() + first_, size()}; }

  // Calls change(node) and returns its result. What it throws is passed on.
  template <typename Change>
  auto Edit(size_t index, Change change) {
    PackedBuffer& node = slots_[first_ + index];
    Uncount(node);
    struct Recount {
      ListNodes& nodes;
      PackedBuffer& node;
      ~Recount() { nodes.Count(node); }
    } recount{*this, node};
    return change(node);
  }

  // Makes room at that end for `more` nodes: the next insertions then do not throw, wherever they are. Throws
  // std::bad_alloc with nothing changed. Amortised O(1).
  enum class End { kFront, kBack };
  void Reserve(End end, size_t more);
  // O(1) at an end with room, else O(nodes). REQUIRES: room by Reserve.
  void Insert(size_t index, PackedBuffer&& node) noexcept;
  // O(nodes after them); amortised O(1) at both ends.
  void Erase(size_t index, size_t count = 1) noexcept;
  // Removes and returns the node.
  PackedBuffer Take(size_t index) noexcept;

 private:
  void Count(const PackedBuffer& node) {
    elements_ += node.size();
    node_bytes_ += node.bytes();
  }
  void Uncount(const PackedBuffer& node) {
    elements_ -= node.size();
    node_bytes_ -= node.bytes();
  }
  void Rebuild(size_t front_slots, size_t capacity);
  void DropFrontSlots() noexcept;
  size_t spare() const { return slots_.capacity() - slots_.size(); }
  void ShrinkSlots() noexcept;

  using Slots = std::vector<PackedBuffer, CountingAllocator<PackedBuffer>>;
  size_t elements_ = 0;
  size_t node_bytes_ = 0;
  size_t slot_bytes_ = 0;
  size_t first_ = 0;  // slot of the first node; those before are empty
  Slots slots_;
};

}  // namespace dcs::store
