// Eight groups of sixteen slots: the unit in which segments grow.
//
// A slot is 13 bytes, each field in an array of its own. The coarse deadlines of a block stand
// together, so that a sweep reads these and nothing else; what a lookup asks of a group stands in
// one cache line, what it then wants to know in one more each:
//
//   field    bytes  what
//   tag      1      0: empty; else 8 hash bits, so that one compare finds a group's candidates
//   coarse   4      deadline, units of 256 ms since the epoch (deadline.h)
//   offset   4      where in the shard's log the record lies, units of 4 bytes
//   place    2      the 16 hash bits behind the segment's base: home group, hash order
//   fine     1      deadline, the low 8 bits
//   units    1      record size in units of 4 bytes; 0: ask the record (long, or a heap value)
//
// A group also counts what it sent on: slots that belong to it or to a group before it and stand
// behind it. A lookup ends at the first group that has sent nothing on, and clearing a slot needs
// no tombstone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/memory/cache_line.h"

namespace dcs::store {

inline constexpr size_t kGroupSlots = 16;
inline constexpr size_t kBlockGroups = 8;
inline constexpr size_t kBlockSlots = kGroupSlots * kBlockGroups;

struct alignas(kCacheLineBytes) SlotGroup {
  uint8_t tag[kGroupSlots];
  uint16_t place[kGroupSlots];
  uint8_t fine[kGroupSlots];
};
static_assert(sizeof(SlotGroup) == kCacheLineBytes);

// Plain memory from the block pool.
struct alignas(kCacheLineBytes) SlotBlock {
  SlotGroup group[kBlockGroups];
  uint32_t coarse[kBlockSlots];
  uint32_t offset[kBlockSlots];
  uint8_t units[kBlockSlots];
  uint16_t sent_on[kBlockGroups];
};
// 128 slots of 13 bytes, 8 counters of 2, rounded up to whole cache lines: 13.5 bytes a slot.
static_assert(sizeof(SlotBlock) == 1728 && kBlockSlots * 13 + kBlockGroups * 2 == 1680);

// What a slot is looked up for. Who changes it asks for its size too.
enum class Purpose : uint8_t { kLook, kChange };

// Begins to load what a lookup reads of a block's group: tags and places, offsets, deadlines. Always
// inlined, as all that only prefetch should be: gcc drops calls of functions without any effect.
[[gnu::always_inline]] inline void PrefetchGroup(const SlotBlock& block, size_t group,
                                                 Purpose purpose) {
  __builtin_prefetch(&block.group[group]);
  __builtin_prefetch(block.offset + group * kGroupSlots);
  __builtin_prefetch(block.coarse + group * kGroupSlots);
  if (purpose == Purpose::kChange) __builtin_prefetch(block.units + group * kGroupSlots);
}

// Bits 8 to 15 of a shard hash: below those that directory and place can come to use, and above the
// zeros that shifting the shard's bits out has left.
constexpr uint8_t TagOf(uint64_t shard_hash) {
  const auto bits = static_cast<uint32_t>(shard_hash >> 8 & 0xFF);
  return static_cast<uint8_t>(bits + (bits == 0));
}

// A set of slots of one group: bit i is slot i.
using GroupMask = uint32_t;

}  // namespace dcs::store
