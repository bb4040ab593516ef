// What one group's slots have in common with what is looked for: a compare of sixteen slots at once,
// inlined where it is used, in vectors that every x86-64-v2 processor has. Loops over many slots are
// in deadline_scan.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hwy/highway.h"
#include "store/index/slot_block.h"

namespace dcs::store {

// The lanes of `mask`, of sixteen, or of eight in the lower bits.
template <typename D, typename Mask>
[[gnu::always_inline]] inline GroupMask LanesOf(D d, Mask mask) {
  uint8_t bits[8];
  hwy::HWY_NAMESPACE::StoreMaskBits(d, mask, bits);
  if constexpr (hwy::HWY_NAMESPACE::MaxLanes(d) <= 8) {
    return bits[0];
  } else {
    uint16_t lanes;
    std::memcpy(&lanes, bits, sizeof(lanes));
    return lanes;
  }
}

// The slots of the group at `tags` whose tag is `tag`.
[[gnu::always_inline]] inline GroupMask MatchTag(const uint8_t* tags, uint8_t tag) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<uint8_t, kGroupSlots> d;
  return LanesOf(d, hn::Eq(hn::LoadU(d, tags), hn::Set(d, tag)));
}

// MatchTag(tags, TagOf(shard_hash)), where the tag never is in a general register, of which lookups
// have none to spare.
[[gnu::always_inline]] inline GroupMask MatchTagOf(const uint8_t* tags, uint64_t shard_hash) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<uint8_t, kGroupSlots> d;
  const hn::FixedTag<uint64_t, 2> words;
  const auto ones = hn::Set(d, uint8_t{1});  // which of the hash's bytes, and the least tag
  const auto tag =
      hn::Max(hn::TableLookupBytes(hn::BitCast(d, hn::Set(words, shard_hash)), ones), ones);
  return LanesOf(d, hn::Eq(hn::LoadU(d, tags), tag));
}

inline GroupMask EmptySlots(const uint8_t* tags) { return MatchTag(tags, 0); }
inline GroupMask FullSlots(const uint8_t* tags) { return ~MatchTag(tags, 0) & 0xFFFF; }
// The slots of the group at `units` that say their record's size.
inline GroupMask SizedSlots(const uint8_t* units) { return ~MatchTag(units, 0) & 0xFFFF; }

// The slots of the group at `coarse` whose deadline is below `limit`.
inline GroupMask SlotsBelow(const uint32_t* coarse, uint32_t limit) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<uint32_t, 4> d;
  const auto limits = hn::Set(d, limit);
  GroupMask slots = 0;
  for (size_t i = 0; i < kGroupSlots; i += 4) {
    slots |= LanesOf(d, hn::Lt(hn::Load(d, coarse + i), limits)) << i;
  }
  return slots;
}

// The slots of a group that are another group's: those for which (place << shift) * groups / 2^16 is
// not `home`.
inline GroupMask DisplacedSlots(const SlotGroup& group, int shift, size_t groups, size_t home) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<uint16_t, kGroupSlots / 2> d;
  const auto factor = hn::Set(d, static_cast<uint16_t>(groups));
  const auto wanted = hn::Set(d, static_cast<uint16_t>(home));
  GroupMask at_home = 0;
  for (size_t first = 0; first < kGroupSlots; first += kGroupSlots / 2) {
    const auto places = hn::Load(d, group.place + first);
    const auto homes = hn::MulHigh(hn::ShiftLeftSame(places, shift), factor);
    at_home |= LanesOf(d, hn::Eq(homes, wanted)) << first;
  }
  return ~at_home & 0xFFFF;
}

}  // namespace dcs::store
