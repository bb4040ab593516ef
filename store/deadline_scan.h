// Loops over coarse deadlines alone: what a sweep does for every key, whether it has expired or not.
//
// Vectors of four, which every processor that Highway knows can do; a sweep that reads all deadlines
// waits for memory, not for these.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"
#include "store/slot_block.h"

namespace dcs::store {

// Which slots of a group have a coarse deadline below a limit, and which are at it.
struct SlotsDue {
  GroupMask below;
  GroupMask at;
};

// Of the group at `coarse`.
inline SlotsDue CompareDeadlines(const uint32_t* coarse, uint32_t limit) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<uint32_t, 4> d;
  const auto limits = hn::Set(d, limit);
  SlotsDue due = {0, 0};
  for (size_t i = 0; i < kGroupSlots; i += 4) {
    const auto deadlines = hn::Load(d, coarse + i);
    uint8_t not_above[8] = {}, at[8] = {};
    hn::StoreMaskBits(d, hn::Eq(hn::Min(deadlines, limits), deadlines), not_above);
    hn::StoreMaskBits(d, hn::Eq(deadlines, limits), at);
    due.below |= static_cast<GroupMask>(not_above[0] ^ at[0]) << i;
    due.at |= static_cast<GroupMask>(at[0]) << i;
  }
  return due;
}

// The slots of the group at `fine` whose fine deadline is below `limit`.
inline GroupMask Below(const uint8_t* fine, uint8_t limit) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<uint8_t, kGroupSlots> d;
  uint8_t bits[8] = {};
  hn::StoreMaskBits(d, hn::Lt(hn::Load(d, fine), hn::Set(d, limit)), bits);
  return static_cast<GroupMask>(bits[0] | (bits[1] << 8));
}

// The smallest coarse deadline of the block.
inline uint32_t EarliestIn(const SlotBlock& block) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<uint32_t, 4> d;
  auto low = hn::Load(d, block.coarse);
  auto high = hn::Load(d, block.coarse + 4);
  for (size_t i = 8; i < kBlockSlots; i += 8) {
    low = hn::Min(low, hn::Load(d, block.coarse + i));
    high = hn::Min(high, hn::Load(d, block.coarse + i + 4));
  }
  return hn::GetLane(hn::MinOfLanes(d, hn::Min(low, high)));
}

// The first i in [from, size) with values[i] <= limit; `size` where there is none.
inline size_t FirstAtMost(const uint32_t* values, size_t from, size_t size, uint32_t limit) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<uint32_t, 4> d;
  const auto limits = hn::Set(d, limit);
  for (; from + 16 <= size; from += 16) {
    const auto low = hn::Min(hn::LoadU(d, values + from), hn::LoadU(d, values + from + 4));
    const auto high = hn::Min(hn::LoadU(d, values + from + 8), hn::LoadU(d, values + from + 12));
    const auto least = hn::Min(low, high);
    if (!hn::AllFalse(d, hn::Eq(hn::Min(least, limits), least))) break;
  }
  while (from < size && values[from] > limit) ++from;
  return from;
}

}  // namespace dcs::store
