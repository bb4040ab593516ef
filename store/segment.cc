#include "store/segment.h"

#include <algorithm>
#include <cassert>

#include "store/deadline_scan.h"

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
  slot.coarse() = kCoarseNone;
  SetDeadline(slot, fields.deadline);
  ++count_;
  return slot;
}

void Segment::Clear(SlotRef slot) {
  for (size_t group = HomeOf(slot.place()); group != slot.group; group = After(group)) {
    --SentOn(group);
  }
  if (slot.coarse() != kCoarseNone) --with_deadline_;
  slot.tag() = 0;
  // An empty slot must not look expired to whoever reads deadlines alone.
  slot.coarse() = kCoarseNone;
  --count_;
}

void Segment::SetDeadline(SlotRef slot, SlotDeadline deadline) {
  with_deadline_ -= slot.coarse() != kCoarseNone;
  with_deadline_ += deadline.coarse != kCoarseNone;
  slot.coarse() = deadline.coarse;
  slot.fine() = deadline.fine;
  uint32_t& block_earliest = block_earliest_[slot.group / kBlockGroups];
  block_earliest = std::min(block_earliest, deadline.coarse);
  earliest_ = std::min(earliest_, deadline.coarse);
}

SlotFields Segment::FieldsOf(SlotRef slot) {
  return {slot.tag(), slot.units(), slot.place(), slot.offset(), slot.deadline()};
}

bool Segment::Resize(size_t groups, BlockPool& pool, Retired& retired) {
  assert(MaxCount(groups) >= count_ && "Resize: MaxCount(groups) >= count()");
  PrefetchSlots();
  Segment resized(start_, depth_, base_);
  resized.groups_ = static_cast<uint16_t>(groups);
  resized.blocks_.resize(RoundUp(groups, kBlockGroups) / kBlockGroups);
  if (!pool.Take(absl::MakeSpan(resized.blocks_))) return false;
  resized.block_earliest_.assign(resized.blocks_.size(), kCoarseNone);
  // Blocks of a segment grown beyond an eighth of a 16-bit counter could overflow it.
  assert(groups <= size_t{1} << 12);
  ForEach([&](SlotRef slot) { resized.Insert(FieldsOf(slot)); });
  Discard(pool, retired);
  *this = std::move(resized);
  return true;
}

void Segment::Discard(BlockPool& pool, Retired& retired) {
  pool.Return(blocks_, retired);
  blocks_.clear();
  block_earliest_.clear();
  groups_ = 0;
  count_ = 0;
  with_deadline_ = 0;
  earliest_ = kCoarseNone;
}

void Segment::DiscardNow(BlockPool& pool) {
  pool.Return(blocks_);
  blocks_.clear();
  groups_ = 0;
}

void Segment::TightenEarliest(uint32_t limit) {
  earliest_ = kCoarseNone;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    if (block_earliest_[i] <= limit) block_earliest_[i] = EarliestIn(*blocks_[i]);
    earliest_ = std::min(earliest_, block_earliest_[i]);
  }
}

[[gnu::always_inline]] inline void Segment::PrefetchDue(size_t i, uint32_t limit,
                                                        FetchAhead ahead) const {
  if (i >= blocks_.size() || block_earliest_[i] > limit) return;
  const SlotBlock& block = *blocks_[i];
  Prefetch(block.coarse, sizeof(block.coarse));
  if (ahead.groups) Prefetch(block.group, sizeof(block.group));
  if (ahead.units) Prefetch(block.units, sizeof(block.units));
  if (ahead.offsets) Prefetch(block.offset, sizeof(block.offset));
}

[[gnu::always_inline]] inline void Segment::PrefetchPages(uint32_t limit) const {
  for (size_t i = 0; i < blocks_.size(); ++i) {
    if (block_earliest_[i] > limit) continue;
    __builtin_prefetch(blocks_[i]->group);
    __builtin_prefetch(blocks_[i]->units);
  }
}

size_t Segment::FindExpired(SlotDeadline now, const Segment* next, FetchAhead ahead,
                            SlotSet& expired) const {
  expired.assign(groups_, 0);
  size_t found = 0;
  // One line of each block first, so that the walks through the page tables overlap too.
  if (next != nullptr) next->PrefetchPages(now.coarse);
  for (size_t first = 0; first < groups_; first += kBlockGroups) {
    const size_t i = first / kBlockGroups;
    if (next != nullptr) next->PrefetchDue(i, now.coarse, ahead);
    if (block_earliest_[i] > now.coarse) continue;
    const SlotBlock& block = *blocks_[i];
    const size_t groups = std::min(kBlockGroups, groups_ - first);
    for (size_t group = 0; group < groups; ++group) {
      const uint32_t* const coarse = block.coarse + group * kGroupSlots;
      GroupMask mask = SlotsUpTo(coarse, now.coarse);
      if (mask == 0) continue;
      // Those in the very 256 ms of `now` are decided by their lower bits.
      const GroupMask before = now.coarse == 0 ? 0 : SlotsUpTo(coarse, now.coarse - 1);
      if (mask != before) mask = before | (mask & Below(block.group[group].fine, now.fine));
      expired[first + group] = static_cast<uint16_t>(mask);
      found += static_cast<size_t>(__builtin_popcount(mask));
    }
  }
  return found;
}

void Segment::Clear(const SlotSet& slots) {
  for (size_t group = 0; group < slots.size(); ++group) {
    const GroupMask mask = slots[group];
    if (mask == 0) continue;
    SlotBlock& block = *blocks_[group / kBlockGroups];
    SlotGroup& in_group = block.group[group % kBlockGroups];
    uint32_t* const coarse = block.coarse + group % kBlockGroups * kGroupSlots;
    const size_t before = group == 0 ? groups_ - 1 : group - 1;
    // Where the group before has sent nothing on, all slots are at home.
    if (SentOn(before) != 0) {
      GroupMask left = mask & DisplacedSlots(in_group, depth_ - base_, groups_, group);
      for (; left != 0; left &= left - 1) {
        const uint16_t place = in_group.place[__builtin_ctz(left)];
        for (size_t at = HomeOf(place); at != group; at = After(at)) --SentOn(at);
      }
    }
    EmptySlotsOf(in_group, coarse, mask);
    const auto cleared = static_cast<uint32_t>(__builtin_popcount(mask));
    count_ -= cleared;
    with_deadline_ -= cleared;
  }
}

}  // namespace dcs::store
