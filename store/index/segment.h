// A range of hashes and the slots of the keys in it.
//
//   hash of a shard's key, shard bits shifted out:
//   | depth bits: which segment | place: 16 bits from `base` on | ... | tag: 8 bits | 8 bits |
//
//   base <= depth: a segment that has split since its places were taken has used up the first
//   depth - base bits of them; what is left, shifted up, is the local place. The used-up bits are the
//   same for all its keys. So in their stead stand, in new places, the hash bits behind the place; in
//   other places they have no meaning.
//   home group = local place * groups / 2^16: hash order is kept, whatever the number of groups.
//
// A segment holds 0 to MaxCount slots. It grows by whole blocks (below one block by
// doubling) and is rebuilt smaller when it has become sparse. Displaced slots stand in the next
// group with room, the last group's in the first.
//
// Invariants (checked by Shard::CheckInvariants):
//  1. Every full slot stands in its home group or, if displaced, each group from home to the one
//     before it counts it in sent_on; no other slot is counted.
//  2. count and with_deadline are those of the slots; count <= MaxCount(groups).
//  3. A block's earliest <= coarse of each of its slots; the segment's is the least of them. Empty
//     slots' coarse is kCoarseNone. The segment's latest >= coarse of each slot that has a deadline.
//  4. Where all_sized, no slot's units are 0.
//  5. tag and local place are those of the key's hash; where a slot has a new place, the whole place.
//
// Thread safety: guarded by the shard's lock.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "store/index/block_pool.h"
#include "store/index/slot_block.h"
#include "store/index/slot_match.h"
#include "store/index/slot_ref.h"
#include "store/time/deadline.h"

namespace dcs::store {

// What will be read of the blocks with something due.
struct FetchAhead {
  bool deadlines = true;
  bool units = false;
  bool offsets = false;
  bool groups = false;  // tags, places, and how many were sent on
};

// How the key of the record at an offset is asked for.
struct RecordKeys {
  absl::FunctionRef<uint64_t(uint32_t offset)> shard_hash;  // reads and hashes it
  absl::FunctionRef<void(uint32_t offset)> fetch;           // begins to load it
};

class SlotSet;

class alignas(kCacheLineBytes) Segment {
 public:
  // How far a segment that cannot split may grow: 59,392 keys.
  static constexpr size_t kMostGroups = size_t{1} << 12;
  // 29 of 32: beyond, more than a third of the lookups leave their home group.
  static constexpr size_t MaxCount(size_t groups) { return groups * kGroupSlots * 29 / 32; }
  // The next size up: 1, 2, 4, 8 groups, then a block more each time.
  static constexpr size_t NextGroups(size_t groups) {
    if (groups == 0) return 1;
    return groups < kBlockGroups ? groups * 2 : groups + kBlockGroups;
  }
  // The size for `count` slots with room for an eighth more before it must grow.
  static size_t FitGroups(size_t count);
  // Rebuilt smaller below this many slots: less than half of what FitGroups would have given.
  static constexpr size_t SparseCount(size_t groups) { return groups * kGroupSlots / 3; }

  // Of all hashes.
  Segment() : Segment(0, 0, 0) {}
  // Of the hashes from `start` on, to the next with other leading `depth` bits.
  Segment(uint64_t start, int depth, int base)
      : start_(start), depth_(static_cast<uint8_t>(depth)), base_(static_cast<uint8_t>(base)) {}

  uint64_t start() const { return start_; }
  // The first hash behind it; 0 where that is the end of all.
  uint64_t end() const { return depth_ == 0 ? 0 : start_ + (uint64_t{1} << (64 - depth_)); }
  int depth() const { return depth_; }
  int base() const { return base_; }
  size_t groups() const { return groups_; }
  size_t blocks() const { return blocks_.size(); }
  size_t count() const { return count_; }
  size_t with_deadline() const { return with_deadline_; }
  // Lower bound of the coarse deadlines in it; kCoarseNone where there are none.
  uint32_t earliest() const { return earliest_; }
  // Upper bound of the same; 0 where there are none.
  uint32_t latest() const { return latest_; }
  // Whether every slot is known to say its record's size.
  bool all_sized() const { return all_sized_; }

  // A new place.
  uint16_t PlaceOf(uint64_t shard_hash) const {
    return std::rotr(static_cast<uint16_t>(shard_hash << depth_ >> 48), depth_ - base_);
  }
  uint16_t LocalPlace(uint16_t place) const {
    return static_cast<uint16_t>(place << (depth_ - base_));
  }
  // New places are taken for as many slots at once, full or not: half a group's.
  static constexpr size_t kPlacesAtOnce = kGroupSlots / 2;
  // How many times that makes until all slots have one.
  size_t new_places_left() const { return groups_ * (kGroupSlots / kPlacesAtOnce) - renewed_; }
  // Whether new places have been taken where this slot stands.
  bool HasNewPlace(SlotRef slot) const { return HalfOf(slot) < renewed_; }
  size_t HomeOf(uint16_t place) const { return size_t{LocalPlace(place)} * groups_ >> 16; }
  // The first local place whose home is `group` or later; 2^16 behind the last. Only multiples of
  // 2^(depth - base) occur.
  uint32_t FirstLocalPlace(size_t group) const;

  // A slot of it may come to have that deadline. REQUIRES: it is one.
  void NoteLatest(uint32_t coarse) {
    if (latest_ < coarse) latest_ = coarse;
  }

  SlotRef SlotAt(size_t group, size_t slot) const {
    return {blocks_.data()[group / kBlockGroups], static_cast<uint32_t>(group),
            static_cast<uint32_t>(slot)};
  }
  const uint8_t* Tags(size_t group) const {
    return blocks_.data()[group / kBlockGroups]->group[group % kBlockGroups].tag;
  }
  uint16_t& SentOn(size_t group) const {
    return blocks_.data()[group / kBlockGroups]->sent_on[group % kBlockGroups];
  }
  size_t After(size_t group) const { return group + 1 == groups_ ? 0 : group + 1; }

  const SlotBlock* block(size_t i) const { return blocks_[i]; }

  // FindSlotFrom the key's home group. Where there is an Index, its FindSlot is quicker.
  template <typename Fn>
  SlotRef FindSlot(uint64_t shard_hash, Fn fn) const;

  // Begins to load the segment itself, but not its slots.
  void PrefetchHeader() const {
    __builtin_prefetch(this);
    __builtin_prefetch(reinterpret_cast<const std::byte*>(this) + kCacheLineBytes);
  }

  // Calls fn(SlotRef) for every full slot whose home is `group`. fn may clear that slot.
  template <typename Fn>
  void ForEachOfHome(size_t group, Fn fn) const;
  // Calls fn(SlotRef) for every full slot that stands in `group`, whatever its home. fn may clear that slot.
  // Always inlined: if fn only prefetches, the compiler would remove the call as one without effect.
  template <typename Fn>
  [[gnu::always_inline]] void ForEachStandingIn(size_t group, Fn fn) const;
  // The same in all groups.
  template <typename Fn>
  void ForEach(Fn fn) const;

  // REQUIRES: count() < MaxCount(groups()).
  SlotRef Insert(const SlotFields& fields);
  void Clear(SlotRef slot);
  void SetDeadline(SlotRef slot, SlotDeadline deadline);
  // Leads the slot to another record.
  void SetRecord(SlotRef slot, uint32_t offset, uint8_t units) {
    slot.offset() = offset;
    slot.units() = units;
    if (units == 0) all_sized_ = false;
  }
  // Many at once, into a segment that is empty.
  class Filling;

  // Takes new places for the next kPlacesAtOnce slots, reading their keys. REQUIRES: new_places_left() > 0.
  void TakeNewPlaces(const RecordKeys& keys) { TakeNewPlaces(1, keys); }
  // The same for all that have none.
  void TakeAllNewPlaces(const RecordKeys& keys) { TakeNewPlaces(new_places_left(), keys); }

  // Rebuilds with that many groups, in blocks newly taken from the pool. If all slots have new places,
  // base() == depth() then. False, with nothing changed, without memory. REQUIRES: MaxCount(groups) >=
  // count().
  bool Resize(size_t groups, BlockPool& pool, DeferredWork& deferred) noexcept;
  // Returns all blocks. The segment is empty.
  void Discard(BlockPool& pool, DeferredWork& deferred) noexcept;
  // The same at the end of its life; gives pages back at once.
  void DiscardNow(BlockPool& pool) noexcept;
  // Reads the deadlines of the blocks that may have some at `limit` or before, and makes what is
  // known of their earliest exact.
  void TightenEarliest(uint32_t limit);
  // Lower bound of the coarse deadlines in one block.
  uint32_t earliest_in(size_t block) const { return block_earliest_[block]; }

  // Begins to load all of the i-th block, if there is one.
  [[gnu::always_inline]] void PrefetchBlock(size_t i) const {
    if (i < blocks_.size()) Prefetch(blocks_[i], sizeof(SlotBlock));
  }
  // All of a segment that is not so large that it would push itself out of the cache.
  [[gnu::always_inline]] void PrefetchSlots() const {
    for (size_t i = 0; i < std::min<size_t>(blocks_.size(), 8); ++i) PrefetchBlock(i);
  }

  // ---- Many slots at once -----------------------------------------------------------------------

  // Finding and clearing take `next`, where there is one: the segment that will be treated so after
  // this one. What `ahead` says of its slots is fetched meanwhile, block for block as this one's are
  // done with: groups while clearing, the rest while finding.

  // Finds the slots whose deadline lies before `now` by the deadlines alone; returns how many they
  // are. REQUIRES: now.coarse < kCoarseOutOfLine.
  size_t FindExpired(SlotDeadline now, const Segment* next, FetchAhead ahead,
                     SlotSet& expired) const;
  // Calls fn(block, group in the segment, slot in the block) for each, but for those whose deadline
  // lies below `but_below` and whose units are not 0.
  template <typename Fn>
  void ForEachIn(const SlotSet& slots, uint32_t but_below, Fn fn) const;
  // Clears `slots`, of that number, and tightens as TightenEarliest(limit) does. REQUIRES: they are full,
  // and their deadlines are at most `limit`.
  void Clear(const SlotSet& slots, size_t number, uint32_t limit, const Segment* next,
             FetchAhead ahead);

 private:
  // Which half of a group the slot stands in, counted through the segment.
  static size_t HalfOf(SlotRef slot) {
    return (slot.group * kGroupSlots + slot.in_group) / kPlacesAtOnce;
  }
  // For so many halves of a group.
  void TakeNewPlaces(size_t halves, const RecordKeys& keys);
  void PrefetchPages(uint32_t limit) const;
  void PrefetchForFinding(size_t i, uint32_t limit, FetchAhead ahead) const;
  void PrefetchForClearing(size_t i, uint32_t limit, FetchAhead ahead) const;
  // Takes `slots` of that block off what the groups before theirs have sent on.
  void UncountSentOn(size_t block, const uint16_t* slots);

  // One line with all that a changed deadline touches; the blocks behind it.
  uint64_t start_;
  uint8_t depth_;
  uint8_t base_ : 6;
  bool all_sized_ : 1 = true;
  uint16_t groups_ = 0;
  uint16_t count_ = 0;
  uint16_t with_deadline_ = 0;
  uint32_t earliest_ = kCoarseNone;
  uint32_t latest_ = 0;
  absl::InlinedVector<uint32_t, 8> block_earliest_;
  absl::InlinedVector<SlotBlock*, 8> blocks_;
  uint16_t renewed_ = 0;  // halves of groups with new places, from the first on
};

// Slots of a segment: a mask for each group, of whole blocks. Of fixed size, so that a sweep allocates
// nothing: 8 KiB, of which only the masks of the segment's groups are touched.
class SlotSet {
 public:
  // Makes it empty, for a segment of so many blocks.
  void Reset(size_t blocks) {
    size_ = blocks * kBlockGroups;
    std::fill_n(masks_.data(), size_, uint16_t{0});
  }
  size_t size() const { return size_; }  // groups
  uint16_t& operator[](size_t group) { return masks_[group]; }
  const uint16_t& operator[](size_t group) const { return masks_[group]; }

 private:
  size_t size_ = 0;
  std::array<uint16_t, Segment::kMostGroups> masks_;  // the first size_ of them
};

// Leaves what Insert would, in half the instructions: it knows how many slots of each group are full, and
// what Insert notes with each slot is noted at the end. Growth moves six or seven keys for each new one.
class Segment::Filling {
 public:
  // `with_access`: whether the slots take their access words along. They are left as they are otherwise.
  // REQUIRES: the segment is empty and outlives this; nothing else is asked of it meanwhile.
  explicit Filling(Segment& segment, bool with_access = false)
      : segment_(segment), blocks_(segment.blocks_.data()), with_access_(with_access) {
    assert(segment.count_ == 0 && "Filling: an empty segment");
    std::fill_n(full_.data(), segment.groups_, uint8_t{0});
  }
  // Notes what is known of the slots.
  ~Filling();
  Filling(const Filling&) = delete;
  Filling& operator=(const Filling&) = delete;

  // The slot that stands elsewhere. REQUIRES: fewer than MaxCount(groups()) have been added.
  void Add(SlotRef slot) { Add(slot.fields(), with_access_ ? slot.access_word() : kNoAccess); }
  // REQUIRES: as Add.
  void Add(const SlotFields& fields, AccessWord access = kNoAccess) {
    assert(count_ < MaxCount(segment_.groups_) && "Add: fewer than MaxCount(groups())");
    ++count_;
    size_t group = segment_.HomeOf(fields.place);
    uint8_t* const full = full_.data();
    while (full[group] == kGroupSlots) {
      ++segment_.SentOn(group);
      group = segment_.After(group);
    }
    const bool some = fields.deadline.coarse != kCoarseNone;
    with_deadline_ += some;
    latest_ = std::max(latest_, some ? fields.deadline.coarse : 0);
    all_sized_ &= fields.units != 0;
    SlotBlock& block = *blocks_[group / kBlockGroups];
    SlotGroup& slots = block.group[group % kBlockGroups];
    const size_t in_group = full[group];
    const size_t in_block = group % kBlockGroups * kGroupSlots + in_group;
    block.offset[in_block] = fields.offset;
    block.coarse[in_block] = fields.deadline.coarse;
    slots.place[in_group] = fields.place;
    // Bytes last: for all the compiler knows, they might be part of anything.
    block.units[in_block] = fields.units;
    slots.tag[in_group] = fields.tag;
    slots.fine[in_group] = fields.deadline.fine;
    full[group] = static_cast<uint8_t>(in_group + 1);
    if (!with_access_) return;
    if (AccessWord* const words = BlockPool::AccessOf(&block); words != nullptr) {
      words[in_block] = access;
    }
  }

 private:
  Segment& segment_;
  SlotBlock* const* const blocks_;
  const bool with_access_;
  size_t count_ = 0;
  size_t with_deadline_ = 0;
  uint32_t latest_ = 0;
  bool all_sized_ = true;
  // Slots by group, of the segment's groups only. Of fixed size, so that filling allocates nothing.
  std::array<uint8_t, kMostGroups> full_;
};

inline void Segment::SetDeadline(SlotRef slot, SlotDeadline deadline) {
  const bool some = deadline.coarse != kCoarseNone;
  with_deadline_ = static_cast<uint16_t>(with_deadline_ + some - (slot.coarse() != kCoarseNone));
  slot.set_deadline(deadline);
  if (!some) return;
  NoteLatest(deadline.coarse);
  uint32_t& block_earliest = block_earliest_[slot.group / kBlockGroups];
  if (deadline.coarse >= block_earliest) return;
  block_earliest = deadline.coarse;
  earliest_ = std::min(earliest_, deadline.coarse);
}

// What the slots that may be a key's have in common.
struct SlotMarks {
  uint8_t tag = 0;
  int used = 0;  // how many bits a place has in front of a local one
  uint16_t local_place = 0;

  bool MayHave(uint16_t place) const { return static_cast<uint16_t>(place << used) == local_place; }
};

// Calls fn(SlotRef) -> bool for the slots that may be the key's until it says true; returns that
// slot. Looks at the home group and those it sent slots on to, among `groups` of which
// block_of(i) -> SlotBlock* has the eight from 8 * i on. REQUIRES: home < groups.
template <typename BlockOf, typename Fn>
SlotRef FindSlotFrom(size_t home, size_t groups, SlotMarks marks, BlockOf block_of, Fn fn) {
  size_t group = home;
  SlotBlock* block = block_of(home / kBlockGroups);
  while (true) {
    const size_t in_block = group % kBlockGroups;
    const SlotGroup& slots = block->group[in_block];
    for (GroupMask match = MatchTag(slots.tag, marks.tag); match != 0; match &= match - 1) {
      const auto at = static_cast<uint32_t>(__builtin_ctz(match));
      if (!marks.MayHave(slots.place[at])) [[unlikely]]
        continue;
      const SlotRef slot{block, static_cast<uint32_t>(group), at};
      if (fn(slot)) [[likely]]
        return slot;
    }
    if (block->sent_on[in_block] == 0) return {};
    group = group + 1 == groups ? 0 : group + 1;
    if (group == home) return {};
    block = block_of(group / kBlockGroups);
  }
}

template <typename Fn>
SlotRef Segment::FindSlot(uint64_t shard_hash, Fn fn) const {
  if (count_ == 0) return {};
  const uint16_t place = PlaceOf(shard_hash);
  return FindSlotFrom(
      HomeOf(place), groups_, {TagOf(shard_hash), depth_ - base_, LocalPlace(place)},
      [this](size_t i) { return blocks_[i]; }, fn);
}

template <typename Fn>
void Segment::ForEachOfHome(size_t home, Fn fn) const {
  size_t group = home;
  for (size_t looked_at = 0; looked_at < groups_; ++looked_at) {
    for (GroupMask full = FullSlots(Tags(group)); full != 0; full &= full - 1) {
      const SlotRef slot = SlotAt(group, static_cast<size_t>(__builtin_ctz(full)));
      if (HomeOf(slot.place()) == home) fn(slot);
    }
    // Read after the calls: what they cleared is no longer counted.
    if (SentOn(group) == 0) return;
    group = After(group);
  }
}

template <typename Fn>
inline void Segment::ForEachStandingIn(size_t group, Fn fn) const {
  for (GroupMask full = FullSlots(Tags(group)); full != 0; full &= full - 1) {
    fn(SlotAt(group, static_cast<size_t>(__builtin_ctz(full))));
  }
}

template <typename Fn>
void Segment::ForEach(Fn fn) const {
  for (size_t group = 0; group < groups_; ++group) ForEachStandingIn(group, fn);
}

template <typename Fn>
void Segment::ForEachIn(const SlotSet& slots, uint32_t but_below, Fn fn) const {
  for (size_t group = 0; group < slots.size(); ++group) {
    if (slots[group] == 0) continue;
    const SlotBlock& block = *blocks_[group / kBlockGroups];
    const size_t first = group % kBlockGroups * kGroupSlots;
    GroupMask left = slots[group];
    if (but_below > 0) {
      left &= ~(SlotsBelow(block.coarse + first, but_below) & SizedSlots(block.units + first));
    }
    for (; left != 0; left &= left - 1) {
      fn(block, group, first + static_cast<size_t>(__builtin_ctz(left)));
    }
  }
}

}  // namespace dcs::store
