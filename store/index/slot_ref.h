// A slot of a segment: its fields as values, and a reference to them where they stand.
//
// Thread safety: guarded by the shard's lock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/index/block_pool.h"
#include "store/index/key_access.h"
#include "store/index/slot_block.h"
#include "store/time/deadline.h"

namespace dcs::store {

// What a slot holds, wherever it stands.
struct SlotFields {
  uint8_t tag = 0;
  uint8_t units = 0;
  uint16_t place = 0;
  uint32_t offset = 0;
  SlotDeadline deadline;
};

// A slot by where it stands. Valid until its segment is resized or split.
struct SlotRef {
  SlotBlock* block = nullptr;
  uint32_t group = 0;  // in the segment
  uint32_t in_group = 0;

  explicit operator bool() const { return block != nullptr; }
  size_t in_block() const { return size_t{group} % kBlockGroups * kGroupSlots + in_group; }
  uint8_t& tag() const { return slots().tag[in_group]; }
  uint32_t& offset() const { return block->offset[in_block()]; }
  uint16_t& place() const { return slots().place[in_group]; }
  uint8_t& units() const { return block->units[in_block()]; }
  uint32_t& coarse() const { return block->coarse[in_block()]; }
  uint8_t& fine() const { return slots().fine[in_group]; }
  SlotDeadline deadline() const { return {coarse(), fine()}; }
  void set_deadline(SlotDeadline deadline) const {
    coarse() = deadline.coarse;
    fine() = deadline.fine;
  }
  SlotFields fields() const { return {tag(), units(), place(), offset(), deadline()}; }
  SlotGroup& slots() const { return block->group[group % kBlockGroups]; }
  // The key's access word; nullptr if the pool keeps none for it.
  AccessWord* access() const {
    AccessWord* const words = BlockPool::AccessOf(block);
    return words == nullptr ? nullptr : words + in_block();
  }
  void set_access(AccessWord word) const {
    if (AccessWord* const at = access(); at != nullptr) *at = word;
  }
  // kNoAccess if there is none.
  AccessWord access_word() const {
    const AccessWord* const word = access();
    return word == nullptr ? kNoAccess : *word;
  }
};

}  // namespace dcs::store
