// Loops over the deadlines of many slots: what a sweep does for every key, whether it has expired or
// not. Compiled for several widths of vectors, of which the widest that the processor has is taken.
//
// Thread safety: guarded by the lock that guards the slots.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/index/slot_block.h"
#include "store/time/deadline.h"

namespace dcs::store {

// Sets `expired`, a mask a group, to the slots of the block whose deadline lies before `now`; returns
// how many they are. REQUIRES: now.coarse < kCoarseOutOfLine.
size_t FindExpired(const SlotBlock& block, SlotDeadline now, uint16_t expired[kBlockGroups]);

// Empties the slots in `slots`, a mask a group; of those left, returns the smallest coarse deadline. An
// empty slot does not look expired to whoever reads deadlines alone.
uint32_t EmptySlots(SlotBlock& block, const uint16_t slots[kBlockGroups]);

// The smallest coarse deadline of the block.
uint32_t EarliestIn(const SlotBlock& block);

// The first i in [from, size) with values[i] <= limit; `size` where there is none.
size_t FirstAtMost(const uint32_t* values, size_t from, size_t size, uint32_t limit);

}  // namespace dcs::store
