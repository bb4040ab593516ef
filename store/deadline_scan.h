// Loops over coarse deadlines alone: what a sweep does for every key, whether it has expired or not.
//
// Vectors of four, which every processor that Highway knows can do; a sweep that reads all deadlines
// waits for memory, not for these.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"
#include "store/deadline.h"
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

// Empties the slots of one group: `group` and its part of the coarse deadlines. An empty slot must
// not look expired to whoever reads deadlines alone.
static_assert(kCoarseNone == UINT32_MAX);
inline void EmptySlotsOf(SlotGroup& group, uint32_t* coarse, GroupMask slots) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<uint8_t, kGroupSlots> d8;
  const hn::FixedTag<uint32_t, 4> d32;
  uint8_t bits[8] = {static_cast<uint8_t>(slots), static_cast<uint8_t>(slots >> 8)};
  hn::Store(hn::IfThenZeroElse(hn::LoadMaskBits(d8, bits), hn::Load(d8, group.tag)), d8, group.tag);
  for (size_t i = 0; i < kGroupSlots; i += 4, slots >>= 4) {
    bits[0] = slots & 0xF;
    const auto none = hn::VecFromMask(d32, hn::LoadMaskBits(d32, bits));
    hn::Store(hn::Or(hn::Load(d32, coarse + i), none), d32, coarse + i);
  }
}

// The slots of a group that are another group's: those for which (place << shift) * groups / 2^16 is
// not `home`.
inline GroupMask DisplacedSlots(const SlotGroup& group, int shift, size_t groups, size_t home) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<uint16_t, kGroupSlots / 2> d;
  const auto factor = hn::Set(d, static_cast<uint16_t>(groups));
  const auto wanted = hn::Set(d, static_cast<uint16_t>(home));
  GroupMask at_home = 0;
  for (size_t half = 0; half < 2; ++half) {
    const auto places = hn::Load(d, group.place + half * kGroupSlots / 2);
    const auto homes = hn::MulHigh(hn::ShiftLeftSame(places, shift), factor);
    uint8_t bits[8] = {};
    hn::StoreMaskBits(d, hn::Eq(homes, wanted), bits);
    at_home |= GroupMask{bits[0]} << (half * 8);
  }
  return ~at_home & 0xFFFF;
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
