// Where every key of a shard is: a directory over segments, by the leading bits of the hash
// (extendible hashing).
//
// A full segment grows inside itself; at full size it splits in two; nothing else moves. Where
// hashes cluster so that splitting would not help, the depth of the directory is bounded by the
// number of keys and the segment grows beyond its size instead.
//
// A shard hash is a key's hash with the shard's bits shifted out at the top. A position is a shard
// hash as a place in the order of all of them: [position, end of its segment) is a range of hashes.
//
// Invariants (checked by Shard::CheckInvariants):
//  1. The directory's earliest hold what the segments' earliest() say.
//  2. Its routes lead to the same blocks as the segments.
//
// Thread safety: guarded by the shard's lock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "store/index/block_pool.h"
#include "store/index/deadline_scan.h"
#include "store/index/directory.h"
#include "store/index/route.h"
#include "store/index/segment.h"

namespace dcs::store {

class Index {
 public:
  // Places lose a bit with each split. When only ten are left, they are taken anew from the keys before the
  // segment next grows: until then, 2^10 local places over 64 groups are still 16 a group. Eight at a
  // time: reading all at once would hold the lock several times longer than anything else.
  static constexpr int kMaxUsedPlaceBits = 6;
  // Keeps every position that a walk stops at (depth + 16 bits, behind up to 6 shard bits) within
  // the 63 bits of a client's cursor.
  static constexpr int kMaxDepth = 40;
  static_assert(kMaxDepth + 16 + 6 <= 63);
  static_assert(kMaxDepth < 1 << 6 && kMaxUsedPlaceBits < 1 << 3, "a Route holds them");
  // How far a segment that cannot split may grow, in groups: 59,392 keys.
  static constexpr size_t kMostGroups = Segment::kMostGroups;

  // `pool` must outlive it. Throws std::bad_alloc; nothing else here throws.
  Index(BlockPool& pool, size_t max_segment_groups);
  ~Index();
  // `other` may only be destroyed then.
  Index(Index&& other) noexcept = default;
  Index& operator=(Index&&) = delete;

  Segment& SegmentAt(uint64_t position) const {
    return *directory_.segments()[DirectoryIndex(position)];
  }
  const Route& RouteAt(uint64_t position) const {
    return directory_.routes()[DirectoryIndex(position)];
  }

  // FindSlotFrom the key's home group. Reads nothing of the segment, but of those above 64 groups.
  template <typename Fn>
  SlotRef FindSlot(uint64_t shard_hash, Fn fn) const;
  // Calls then(slot) for the slot that it nearly always is: the first with the tag in the home group, if it
  // may be the key's; else otherwise(). Returns what they return. Neither a loop nor a call, and no slot
  // handed back, which would cost instructions: there must be few enough for the processor to begin
  // the next lookup while this one waits for memory.
  template <typename Then, typename Otherwise>
  auto FirstAtHome(uint64_t shard_hash, Purpose purpose, Then then, Otherwise otherwise) const;
  // What FindSlot reads, in the order in which it depends on each other.
  [[gnu::always_inline]] void PrefetchRoute(uint64_t shard_hash) const {
    __builtin_prefetch(&RouteAt(shard_hash));
  }
  void PrefetchGroup(uint64_t shard_hash) const;

  // Walks the segments that may hold a coarse deadline of at most `limit`, those from `position` on:
  // calls work(segment, next) -> bool, `next` being the one that will follow or nullptr, until it
  // says false. Returns where to go on; 0 at the end. Passes the other segments by reading 4 bytes
  // each, in a row.
  template <typename Work>
  uint64_t WalkDue(uint64_t position, uint32_t limit, Work work) const;

  // Makes the segment of `shard_hash` able to take one more slot. Moves one segment's slots and reads some
  // eight keys; where all slots go to one side of a split, it moves or reads them again for each further
  // one. False without memory, or if
  // 59,392 keys share as many leading hash bits as the number of keys has; every key is where it was then.
  bool MakeRoom(uint64_t shard_hash, RecordKeys keys, DeferredWork& deferred) noexcept;
  SlotRef Insert(Segment& segment, const SlotFields& fields);
  void Clear(Segment& segment, SlotRef slot);
  void SetDeadline(Segment& segment, SlotRef slot, SlotDeadline deadline);
  // Segment::TightenEarliest. O(its slots).
  void TightenEarliest(Segment& segment, uint32_t limit);
  // Segment::Clear of that many slots.
  void Clear(Segment& segment, const SlotSet& slots, size_t number, uint32_t limit,
             const Segment* next, FetchAhead ahead);
  // Clears all slots and returns their blocks. REQUIRES: all have deadlines.
  void Discard(Segment& segment, DeferredWork& deferred);
  // Rebuilds the segment smaller if it has become sparse. SlotRefs into it are void then.
  void ShrinkIfSparse(Segment& segment, DeferredWork& deferred) noexcept;

  size_t count() const { return count_; }
  size_t with_deadline() const { return with_deadline_; }
  size_t segments() const { return segments_; }
  const Directory& directory() const { return directory_; }
  int depth() const { return depth_; }
  absl::Span<const uint32_t> earliest() const { return {directory_.earliest(), directory_.size()}; }
  size_t blocks() const { return blocks_; }
  // The keys' slots, at a block's share each, the segments and the directory; without access words. O(1).
  size_t used_bytes() const {
    return count_ * sizeof(SlotBlock) / kBlockSlots + segments_ * sizeof(Segment) +
           directory_.bytes();
  }
  // All slots, full or not, the segments and the directory. O(1).
  size_t bytes() const {
    return blocks_ * sizeof(SlotBlock) + segments_ * sizeof(Segment) + directory_.bytes();
  }

 private:
  size_t DirectoryIndex(uint64_t position) const {
    return static_cast<size_t>(position >> 1 >> shift_);
  }
  uint64_t PositionOf(size_t directory_index) const {
    return depth_ == 0 ? 0 : uint64_t{directory_index} << (64 - depth_);
  }
  void NoteEarliest(const Segment& segment) {
    directory_.SetEarliest(DirectoryIndex(segment.start()), segment.earliest());
  }
  // After anything of it changed but slots. O(its places in the directory).
  void NoteRoute(const Segment& segment);

  int DepthLimit() const;
  // REQUIRES: it has not used up its places' bits.
  bool Split(Segment& segment, DeferredWork& deferred);
  // Segment::Resize, with all that the index knows of it; with new places where `new_places_from` is given.
  bool Resize(Segment& segment, size_t groups, DeferredWork& deferred,
              const RecordKeys* new_places_from = nullptr);

  size_t max_segment_groups_;
  BlockPool* pool_;
  // Owns the segments, by the first depth_ bits of the hashes. A segment has 2^(depth_ - its depth) entries.
  // Segments are never merged: they live as long as the index.
  Directory directory_;
  int depth_ = 0;
  int shift_ = 63;  // 63 - depth_: of a position without its lowest bit, so that it is never 64
  size_t segments_ = 0;
  size_t blocks_ = 0;
  size_t count_ = 0;
  size_t with_deadline_ = 0;
};

template <typename Then, typename Otherwise>
[[gnu::always_inline]] inline auto Index::FirstAtHome(uint64_t shard_hash, Purpose purpose,
                                                      Then then, Otherwise otherwise) const {
  const Route& route = RouteAt(shard_hash);
  if (!route.has_whole_blocks()) [[unlikely]]
    return otherwise();
  const uint16_t local_place = route.LocalPlaceOf(shard_hash);
  const size_t group = Route::HomeOf(local_place, route.groups());
  SlotBlock* const block = route.block(group / kBlockGroups);
  store::PrefetchGroup(*block, group % kBlockGroups, purpose);
  const SlotGroup& slots = block->group[group % kBlockGroups];
  const GroupMask match = MatchTagOf(slots.tag, shard_hash);
  if (match == 0) [[unlikely]]
    return otherwise();
  const auto at = static_cast<uint32_t>(__builtin_ctz(match));
  if (route.LocalPlace(slots.place[at]) != local_place) [[unlikely]]
    return otherwise();
  return then(SlotRef{block, static_cast<uint32_t>(group), at});
}

inline void Index::SetDeadline(Segment& segment, SlotRef slot, SlotDeadline deadline) {
  with_deadline_ += deadline.coarse != kCoarseNone;
  with_deadline_ -= slot.coarse() != kCoarseNone;
  const uint32_t earliest = segment.earliest();
  segment.SetDeadline(slot, deadline);
  if (segment.earliest() != earliest) NoteEarliest(segment);
}

template <typename Fn>
SlotRef Index::FindSlot(uint64_t shard_hash, Fn fn) const {
  const Route& route = RouteAt(shard_hash);
  if (route.asks_segment()) return SegmentAt(shard_hash).FindSlot(shard_hash, fn);
  const size_t groups = route.groups();
  if (groups == 0) return {};
  const uint16_t local_place = route.LocalPlaceOf(shard_hash);
  return FindSlotFrom(
      Route::HomeOf(local_place, groups), groups, {TagOf(shard_hash), route.used(), local_place},
      [&route](size_t i) { return route.block(i); }, fn);
}

[[gnu::always_inline]] inline void Index::PrefetchGroup(uint64_t shard_hash) const {
  const Route& route = RouteAt(shard_hash);
  // The others are empty, or so small that they stay in the cache, or hardly ever met.
  if (!route.has_whole_blocks()) [[unlikely]]
    return;
  const size_t group = Route::HomeOf(route.LocalPlaceOf(shard_hash), route.groups());
  store::PrefetchGroup(*route.block(group / kBlockGroups), group % kBlockGroups, Purpose::kLook);
}

template <typename Work>
uint64_t Index::WalkDue(uint64_t position, uint32_t limit, Work work) const {
  const uint32_t* const earliest = directory_.earliest();
  Segment* const* const segments = directory_.segments();
  const size_t size = directory_.size();
  const auto due_from = [&](size_t i) { return FirstAtMost(earliest, i, size, limit); };
  size_t at = due_from(DirectoryIndex(position));
  size_t next = at < size ? due_from(at + 1) : size;
  while (at < size) {
    // The one after the next is only known by its place: its turn to be fetched.
    const size_t after = next < size ? due_from(next + 1) : size;
    if (after < size) segments[after]->PrefetchHeader();
    const bool go_on = work(*segments[at], next < size ? segments[next] : nullptr);
    at = next;
    next = after;
    if (!go_on) break;
  }
  return at < size ? PositionOf(at) : 0;
}

}  // namespace dcs::store
