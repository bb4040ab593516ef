#include "store/index/segment.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <new>

#include "store/index/deadline_scan.h"

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
  slot.place() = fields.place;
  SetRecord(slot, fields.offset, fields.units);
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

Segment::Filling::~Filling() {
  segment_.count_ = static_cast<uint16_t>(count_);
  segment_.with_deadline_ = static_cast<uint16_t>(with_deadline_);
  segment_.latest_ = latest_;
  segment_.all_sized_ = all_sized_;
  segment_.TightenEarliest(kCoarseNone);
}

bool Segment::Resize(size_t groups, BlockPool& pool, DeferredWork& deferred) noexcept {
  assert(MaxCount(groups) >= count_ && "Resize: MaxCount(groups) >= count()");
  PrefetchSlots();
  const bool has_new_places = groups_ > 0 && new_places_left() == 0;
  const int used = has_new_places ? depth_ - base_ : 0;
  Segment resized(start_, depth_, base_ + used);
  resized.groups_ = static_cast<uint16_t>(groups);
  const size_t blocks = RoundUp(groups, kBlockGroups) / kBlockGroups;
  try {
    resized.blocks_.resize(blocks);
    resized.block_earliest_.assign(blocks, kCoarseNone);
  } catch (const std::bad_alloc&) {
    return false;
  }
  if (!pool.Take(absl::MakeSpan(resized.blocks_))) return false;
  // Blocks of a segment grown beyond an eighth of a 16-bit counter could overflow it.
  assert(groups <= kMostGroups && "Resize: at most kMostGroups");
  {
    const bool with_access = pool.tracks_access();
    Filling filling(resized, with_access);
    ForEach([&](SlotRef slot) {
      SlotFields fields = slot.fields();
      fields.place = std::rotl(fields.place, used);
      filling.Add(fields, with_access ? slot.access_word() : kNoAccess);
    });
  }
  Discard(pool, deferred);
  *this = std::move(resized);
  return true;
}

void Segment::TakeNewPlaces(size_t halves, const RecordKeys& keys) {
  const auto read = [&](SlotRef slot) { slot.place() = PlaceOf(keys.shard_hash(slot.offset())); };
  // Records lie anywhere: the next ones are being fetched while one is read.
  std::array<SlotRef, kGroupSlots> fetched;
  size_t count = 0;
  const size_t end = renewed_ + halves;
  constexpr size_t kHalves = kGroupSlots / kPlacesAtOnce;
  for (size_t group = renewed_ / kHalves; group * kHalves < end; ++group) {
    ForEachStandingIn(group, [&](SlotRef slot) {
      if (HasNewPlace(slot) || HalfOf(slot) >= end) return;
      keys.fetch(slot.offset());
      SlotRef& oldest = fetched[count++ % fetched.size()];
      if (oldest) read(oldest);
      oldest = slot;
    });
  }
  for (const SlotRef slot : fetched) {
    if (slot) read(slot);
  }
  renewed_ = static_cast<uint16_t>(end);
}

void Segment::Discard(BlockPool& pool, DeferredWork& deferred) noexcept {
  pool.Return(blocks_, deferred);
  blocks_.clear();
  block_earliest_.clear();
  groups_ = 0;
  count_ = 0;
  with_deadline_ = 0;
  earliest_ = kCoarseNone;
  latest_ = 0;
  all_sized_ = true;
  renewed_ = 0;
}

void Segment::DiscardNow(BlockPool& pool) noexcept {
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

[[gnu::always_inline]] inline void Segment::PrefetchForFinding(size_t i, uint32_t limit,
                                                               FetchAhead ahead) const {
  if (i >= blocks_.size() || block_earliest_[i] > limit) return;
  const SlotBlock& block = *blocks_[i];
  if (ahead.deadlines) Prefetch(block.coarse, sizeof(block.coarse));
  if (ahead.units) Prefetch(block.units, sizeof(block.units));
  if (ahead.offsets) Prefetch(block.offset, sizeof(block.offset));
}

[[gnu::always_inline]] inline void Segment::PrefetchForClearing(size_t i, uint32_t limit,
                                                                FetchAhead ahead) const {
  if (!ahead.groups || i >= blocks_.size() || block_earliest_[i] > limit) return;
  const SlotBlock& block = *blocks_[i];
  Prefetch(block.group, sizeof(block.group));
  Prefetch(block.sent_on, sizeof(block.sent_on));
}

[[gnu::always_inline]] inline void Segment::PrefetchPages(uint32_t limit) const {
  for (size_t i = 0; i < blocks_.size(); ++i) {
    if (block_earliest_[i] > limit) continue;
    __builtin_prefetch(blocks_[i]->group);
    __builtin_prefetch(blocks_[i]->sent_on);
  }
}

size_t Segment::FindExpired(SlotDeadline now, const Segment* next, FetchAhead ahead,
                            SlotSet& expired) const {
  expired.Reset(blocks_.size());
  size_t found = 0;
  // A line of each page first, so that the walks through the page tables overlap too.
  if (next != nullptr && ahead.deadlines) next->PrefetchPages(now.coarse);
  for (size_t i = 0; i < blocks_.size(); ++i) {
    if (next != nullptr) next->PrefetchForFinding(i, now.coarse, ahead);
    if (block_earliest_[i] > now.coarse) continue;
    found += store::FindExpired(*blocks_[i], now, &expired[i * kBlockGroups]);
  }
  return found;
}

void Segment::UncountSentOn(size_t block, const uint16_t* slots) {
  const size_t first = block * kBlockGroups;
  const size_t groups = std::min(kBlockGroups, groups_ - first);
  for (size_t i = 0; i < groups; ++i) {
    if (slots[i] == 0) continue;
    const size_t group = first + i;
    // Where the group before has sent nothing on, all slots are at home.
    if (SentOn(group == 0 ? groups_ - 1u : group - 1) == 0) continue;
    const SlotGroup& in_group = blocks_[block]->group[i];
    GroupMask left = slots[i] & DisplacedSlots(in_group, depth_ - base_, groups_, group);
    for (; left != 0; left &= left - 1) {
      const uint16_t place = in_group.place[__builtin_ctz(left)];
      for (size_t at = HomeOf(place); at != group; at = After(at)) --SentOn(at);
    }
  }
}

void Segment::Clear(const SlotSet& slots, size_t number, uint32_t limit, const Segment* next,
                    FetchAhead ahead) {
  earliest_ = kCoarseNone;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    if (next != nullptr) next->PrefetchForClearing(i, limit, ahead);
    if (block_earliest_[i] <= limit) {
      const uint16_t* const in_block = &slots[i * kBlockGroups];
      UncountSentOn(i, in_block);
      block_earliest_[i] = EmptySlots(*blocks_[i], in_block);
    }
    earliest_ = std::min(earliest_, block_earliest_[i]);
  }
  count_ = static_cast<uint16_t>(count_ - number);
  with_deadline_ = static_cast<uint16_t>(with_deadline_ - number);
}

}  // namespace dcs::store
