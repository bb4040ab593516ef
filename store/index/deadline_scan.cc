// Included once for each width of vectors, by foreach_target.h.
#include "store/index/deadline_scan.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "store/index/deadline_scan.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace dcs::store::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// A group's coarse deadlines are one vector, two or four.
using Deadlines = hn::CappedTag<uint32_t, kGroupSlots>;
using Bytes = hn::FixedTag<uint8_t, kGroupSlots>;

// As in slot_match.h, which is compiled for one width alone and so cannot be included here.
template <typename D, typename Mask>
HWY_INLINE GroupMask LanesOf(D d, Mask mask) {
  // As many bytes are read as were written: anything else would wait for the writing.
  uint8_t bits[8];
  hn::StoreMaskBits(d, mask, bits);
  return hn::MaxLanes(d) <= 8 ? GroupMask{bits[0]} : GroupMask{bits[0]} | GroupMask{bits[1]} << 8;
}

template <typename D>
HWY_INLINE auto MaskOf(D d, GroupMask lanes) {
  const uint8_t bits[8] = {static_cast<uint8_t>(lanes), static_cast<uint8_t>(lanes >> 8)};
  return hn::LoadMaskBits(d, bits);
}

template <typename V>
HWY_INLINE uint32_t Least(V values) {
  const Deadlines d;
  return hn::GetLane(hn::MinOfLanes(d, values));
}

size_t FindExpired(const SlotBlock& block, SlotDeadline now, uint16_t* expired) {
  const Deadlines d;
  const Bytes bytes;
  const auto coarse_now = hn::Set(d, now.coarse);
  const auto fine_now = hn::Set(bytes, now.fine);
  size_t found = 0;
  for (size_t group = 0; group < kBlockGroups; ++group) {
    const uint32_t* const coarse = block.coarse + group * kGroupSlots;
    GroupMask before = 0, undecided = 0;
    for (size_t i = 0; i < kGroupSlots; i += hn::Lanes(d)) {
      const auto deadlines = hn::Load(d, coarse + i);
      before |= LanesOf(d, hn::Lt(deadlines, coarse_now)) << i;
      undecided |= LanesOf(d, hn::Eq(deadlines, coarse_now)) << i;
    }
    // Those in the very 256 ms of `now` are decided by their lower bits.
    if (undecided != 0) [[unlikely]] {
      const auto fine = hn::Load(bytes, block.group[group].fine);
      before |= undecided & LanesOf(bytes, hn::Lt(fine, fine_now));
    }
    expired[group] = static_cast<uint16_t>(before);
    found += static_cast<size_t>(__builtin_popcount(before));
  }
  return found;
}

static_assert(kCoarseNone == UINT32_MAX);
uint32_t EmptySlots(SlotBlock& block, const uint16_t* slots) {
  const Deadlines d;
  const Bytes bytes;
  const auto none = hn::Set(d, kCoarseNone);
  auto least = none;
  for (size_t group = 0; group < kBlockGroups; ++group) {
    uint32_t* const coarse = block.coarse + group * kGroupSlots;
    const GroupMask mask = slots[group];
    if (mask != 0) {
      uint8_t* const tags = block.group[group].tag;
      hn::Store(hn::IfThenZeroElse(MaskOf(bytes, mask), hn::Load(bytes, tags)), bytes, tags);
    }
    for (size_t i = 0; i < kGroupSlots; i += hn::Lanes(d)) {
      auto deadlines = hn::Load(d, coarse + i);
      if (mask != 0) {
        // Of `mask >> i`, no more bits than there are lanes.
        const GroupMask lanes = mask >> i & ((GroupMask{1} << hn::Lanes(d)) - 1);
        deadlines = hn::IfThenElse(MaskOf(d, lanes), none, deadlines);
        hn::Store(deadlines, d, coarse + i);
      }
      least = hn::Min(least, deadlines);
    }
  }
  return Least(least);
}

uint32_t EarliestIn(const SlotBlock& block) {
  const Deadlines d;
  auto least = hn::Load(d, block.coarse);
  for (size_t i = hn::Lanes(d); i < kBlockSlots; i += hn::Lanes(d)) {
    least = hn::Min(least, hn::Load(d, block.coarse + i));
  }
  return Least(least);
}

size_t FirstAtMost(const uint32_t* values, size_t from, size_t size, uint32_t limit) {
  const Deadlines d;
  const auto limits = hn::Set(d, limit);
  constexpr size_t kStride = 64;
  for (; from + kStride <= size; from += kStride) {
    auto least = hn::LoadU(d, values + from);
    for (size_t i = hn::Lanes(d); i < kStride; i += hn::Lanes(d)) {
      least = hn::Min(least, hn::LoadU(d, values + from + i));
    }
    if (!hn::AllFalse(d, hn::Eq(hn::Min(least, limits), least))) break;
  }
  while (from < size && values[from] > limit) ++from;
  return from;
}

}  // namespace
}  // namespace dcs::store::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dcs::store {

HWY_EXPORT(FindExpired);
HWY_EXPORT(EmptySlots);
HWY_EXPORT(EarliestIn);
HWY_EXPORT(FirstAtMost);

size_t FindExpired(const SlotBlock& block, SlotDeadline now, uint16_t expired[kBlockGroups]) {
  return HWY_DYNAMIC_DISPATCH(FindExpired)(block, now, expired);
}

uint32_t EmptySlots(SlotBlock& block, const uint16_t slots[kBlockGroups]) {
  return HWY_DYNAMIC_DISPATCH(EmptySlots)(block, slots);
}

uint32_t EarliestIn(const SlotBlock& block) { return HWY_DYNAMIC_DISPATCH(EarliestIn)(block); }

size_t FirstAtMost(const uint32_t* values, size_t from, size_t size, uint32_t limit) {
  return HWY_DYNAMIC_DISPATCH(FirstAtMost)(values, from, size, limit);
}

}  // namespace dcs::store
#endif  // HWY_ONCE
