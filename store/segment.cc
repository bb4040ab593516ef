#include "store/segment.h"

#include <algorithm>
#include <cassert>

namespace dcs::store {

size_t Segment::FitGroups(size_t count) {
  size_t groups = 0;
  while (MaxCount(groups) < count + count / 8) groups = NextGroups(groups);
  return groups;
}

uint32_t Segment::FirstLocalPlace(size_t group) const {
  const auto exact = static_cast<uint32_t>(((group << 16) + groups_ - 1) / groups_);
  const uint32_t step = uint32_t{1} << (depth_ - base_);
  return (exact + step - 1) & ~(step - 1);
}

SlotRef Segment::Insert(const SlotFields& fields) {
  assert(count_ < MaxCount(groups_) && "Insert: count() < MaxCount(groups())");
  size_t group = HomeOf(fields.place);
  GroupMask empty = EmptySlots(Tags(group));
  while (empty == 0) {
    ++SentOn(group);
    group = After(group);
    empty = EmptySlots(Tags(group));
  }
  const SlotRef slot = SlotAt(group, static_cast<size_t>(__builtin_ctz(empty)));
  slot.tag() = fields.tag;
  slot.units() = fields.units;
  slot.place() = fields.place;
  slot.offset() = fields.offset;
  slot.block->coarse[slot.in_block] = kCoarseNone;
  SetDeadline(slot, fields.deadline);
  ++count_;
  return slot;
}

void Segment::Clear(SlotRef slot) {
  for (size_t group = HomeOf(slot.place()); group != slot.group; group = After(group)) {
    --SentOn(group);
  }
  if (slot.deadline().coarse != kCoarseNone) --with_deadline_;
  slot.tag() = 0;
  // An empty slot must not look expired to whoever reads deadlines alone.
  slot.block->coarse[slot.in_block] = kCoarseNone;
  --count_;
}

void Segment::SetDeadline(SlotRef slot, SlotDeadline deadline) {
  with_deadline_ -= slot.deadline().coarse != kCoarseNone;
  with_deadline_ += deadline.coarse != kCoarseNone;
  slot.block->coarse[slot.in_block] = deadline.coarse;
  slot.block->fine[slot.in_block] = deadline.fine;
  earliest_ = std::min(earliest_, deadline.coarse);
}

SlotFields Segment::FieldsOf(SlotRef slot) {
  return {slot.tag(), slot.units(), slot.place(), slot.offset(), slot.deadline()};
}

bool Segment::Resize(size_t groups, BlockPool& pool, Retired& retired) {
  assert(MaxCount(groups) >= count_ && "Resize: MaxCount(groups) >= count()");
  Segment resized(depth_, base_);
  resized.groups_ = static_cast<uint32_t>(groups);
  for (size_t covered = 0; covered < groups; covered += kBlockGroups) {
    SlotBlock* block = pool.Take();
    if (block == nullptr) {
      resized.Discard(pool, retired);
      return false;
    }
    std::fill_n(block->coarse, kBlockSlots, kCoarseNone);
    resized.blocks_.push_back(block);
  }
  // Blocks of a segment grown beyond an eighth of a 16-bit counter could overflow it.
  assert(groups <= size_t{1} << 12);
  ForEach([&](SlotRef slot) { resized.Insert(FieldsOf(slot)); });
  Discard(pool, retired);
  *this = std::move(resized);
  return true;
}

void Segment::Discard(BlockPool& pool, Retired& retired) {
  for (SlotBlock* block : blocks_) pool.Return(block, retired);
  blocks_.clear();
  groups_ = 0;
  count_ = 0;
  with_deadline_ = 0;
  earliest_ = kCoarseNone;
}

void Segment::TightenEarliest() {
  uint32_t earliest = kCoarseNone;
  for (const SlotBlock* block : blocks_) {
    for (const uint32_t coarse : block->coarse) earliest = std::min(earliest, coarse);
  }
  earliest_ = earliest;
}

}  // namespace dcs::store
