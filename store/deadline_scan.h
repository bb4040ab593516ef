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

// The slots of the group at `coarse` whose deadline is at most `limit`.
inline GroupMask SlotsUpTo(const uint32_t* coarse, uint32_t limit) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<uint32_t, 4> d;
  const hn::RebindToSigned<decltype(d)> signed_d;
  const hn::FixedTag<int16_t, 8> half_d;
  const auto limits = hn::Set(d, limit);
  const auto not_above = [&](size_t at) {
    const auto deadlines = hn::Load(d, coarse + at);
    return hn::BitCast(signed_d, hn::VecFromMask(d, hn::Eq(hn::Min(deadlines, limits), deadlines)));
  };
  uint8_t low[8] = {}, high[8] = {};
  const auto bits = [&](size_t at, uint8_t* to) {
    // Lanes are all ones or all zeros, and stay so when they are halved.
    const auto halved = hn::ReorderDemote2To(half_d, not_above(at), not_above(at + 4));
    hn::StoreMaskBits(half_d, hn::MaskFromVec(halved), to);
  };
  bits(0, low);
  bits(kGroupSlots / 2, high);
  return static_cast<GroupMask>(low[0] | (high[0] << 8));
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
