#include "store/values/list_nodes.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <new>

namespace dcs::store {

void ListNodes::Rebuild(size_t front_slots, size_t capacity) {
  Slots rebuilt(slots_.get_allocator());
  rebuilt.reserve(capacity);
  rebuilt.resize(front_slots);
  rebuilt.insert(rebuilt.end(),
                 std::make_move_iterator(slots_.begin() + static_cast<ptrdiff_t>(first_)),
                 std::make_move_iterator(slots_.end()));
  slots_ = std::move(rebuilt);
  first_ = front_slots;
}

void ListNodes::DropFrontSlots() noexcept {
  slots_.erase(slots_.begin(), slots_.begin() + static_cast<ptrdiff_t>(first_));
  first_ = 0;
}

void ListNodes::Reserve(End end, size_t more) {
  const size_t live = size(), grown = more + live / 2;
  if (end == End::kFront) {
    if (first_ < more) Rebuild(grown, grown + live + std::min(spare(), live / 2));
  } else if (spare() < more) {
    if (first_ > live + more) return DropFrontSlots();
    Rebuild(first_, first_ + live + grown);
  }
}

void ListNodes::Insert(size_t index, PackedBuffer&& node) noexcept {
  assert(first_ > 0 || spare() > 0);
  Count(node);
  if (spare() == 0 || (first_ > 0 && index < size() - index)) {
    const auto first = slots_.begin() + static_cast<ptrdiff_t>(first_);
    const auto place = first + static_cast<ptrdiff_t>(index);
    std::move(first, place, first - 1);
    *(place - 1) = std::move(node);
    --first_;
  } else {
    slots_.insert(slots_.begin() + static_cast<ptrdiff_t>(first_ + index), std::move(node));
  }
}

void ListNodes::Erase(size_t index, size_t count) noexcept {
  const auto at = slots_.begin() + static_cast<ptrdiff_t>(first_ + index);
  const auto end = at + static_cast<ptrdiff_t>(count);
  for (auto node = at; node != end; ++node) Uncount(*node);
  if (index == 0 && count < size()) {
    for (auto node = at; node != end; ++node) node->Clear();
    first_ += count;
  } else {
    slots_.erase(at, end);
  }
  ShrinkSlots();
}

PackedBuffer ListNodes::Take(size_t index) noexcept {
  PackedBuffer& node = slots_[first_ + index];
  Uncount(node);
  PackedBuffer taken = std::move(node);
  Erase(index);
  return taken;
}

void ListNodes::ShrinkSlots() noexcept {
  constexpr size_t kWorthShrinking = 16;
  const size_t live = size();
  if (slots_.capacity() < kWorthShrinking + 4 * live) return;
  try {
    Rebuild(live / 2, 2 * live);
  } catch (const std::bad_alloc&) {
    // The slots stay.
  }
}

}  // namespace dcs::store
