#include "store/index/index.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <memory>
#include <new>
#include <utility>

namespace dcs::store {

Index::Index(BlockPool& pool, size_t max_segment_groups)
    : max_segment_groups_(max_segment_groups), pool_(&pool), segments_(1) {
  auto* const all = new Segment();
  directory_.SetSegments(0, 1, all);
  NoteRoute(*all);
  NoteEarliest(*all);
}

Index::~Index() {
  for (size_t i = 0; i < directory_.size();) {
    const std::unique_ptr<Segment> segment(directory_.segments()[i]);
    i += size_t{1} << (depth_ - segment->depth());
    segment->DiscardNow(*pool_);
  }
}

int Index::DepthLimit() const {
  // What evenly spread hashes need, and four more: 16 times that many segments at the most.
  const size_t full_segments = count_ / (max_segment_groups_ * kGroupSlots) + 1;
  return std::min(static_cast<int>(std::bit_width(full_segments)) + 4, kMaxDepth);
}

bool Index::MakeRoom(uint64_t shard_hash, RecordKeys keys, DeferredWork& deferred) noexcept {
  while (true) {
    Segment& segment = SegmentAt(shard_hash);
    const size_t groups = segment.groups();
    const bool places_used_up = segment.depth() - segment.base() == kMaxUsedPlaceBits;
    if (segment.count() < Segment::MaxCount(groups)) {
      if (places_used_up) [[unlikely]] {
        // Just in time for all slots to have theirs when it is full.
        const size_t left = segment.new_places_left();
        if (left > 0 && segment.count() + left >= Segment::MaxCount(groups)) {
          segment.TakeNewPlaces(keys);
        }
      }
      return true;
    }
    const RecordKeys* const new_places_from = places_used_up ? &keys : nullptr;
    const size_t next = Segment::NextGroups(groups);
    if (next <= max_segment_groups_) return Resize(segment, next, deferred, new_places_from);
    // Grown as far as it may, it splits beyond what its share of the keys would justify: better than
    // to refuse keys that only happen to be near a cluster.
    const int limit = groups < kMostGroups
                          ? DepthLimit()
                          : std::min(static_cast<int>(std::bit_width(count_)), kMaxDepth);
    if (segment.depth() < limit) {
      // Where all slots went to one side, time and again.
      if (places_used_up && !Resize(segment, groups, deferred, new_places_from)) return false;
      if (!Split(segment, deferred)) return false;
      continue;  // all slots may have gone to one side
    }
    const size_t beyond = std::max(next, RoundUp(groups / 4 * 5, kBlockGroups));
    if (groups == kMostGroups) return false;
    return Resize(segment, std::min(beyond, kMostGroups), deferred, new_places_from);
  }
}

void Index::NoteRoute(const Segment& segment) {
  directory_.SetRoutes(DirectoryIndex(segment.start()), size_t{1} << (depth_ - segment.depth()),
                       Route(segment));
}

bool Index::Resize(Segment& segment, size_t groups, DeferredWork& deferred,
                   const RecordKeys* new_places_from) {
  const size_t blocks_before = segment.blocks();
  if (new_places_from != nullptr) segment.TakeAllNewPlaces(*new_places_from);
  if (!segment.Resize(groups, *pool_, deferred)) return false;
  blocks_ += segment.blocks() - blocks_before;
  NoteRoute(segment);
  NoteEarliest(segment);  // exact now
  return true;
}

bool Index::Split(Segment& segment, DeferredWork& deferred) {
  assert(segment.depth() - segment.base() < kMaxUsedPlaceBits && "Split: places have bits left");
  segment.PrefetchSlots();
  std::unique_ptr<Segment> added(new (std::nothrow) Segment());
  if (added == nullptr) return false;
  if (segment.depth() == depth_) {
    if (!directory_.Double()) return false;
    ++depth_;
    --shift_;
  }
  const int depth = segment.depth() + 1;
  const auto goes_right = [&](SlotRef slot) {
    return ((segment.LocalPlace(slot.place()) >> 15) & 1) != 0;
  };
  size_t counts[2] = {0, 0};
  segment.ForEach([&](SlotRef slot) { ++counts[goes_right(slot)]; });

  const uint64_t right_start = segment.start() | (uint64_t{1} << (64 - depth));
  Segment halves[2] = {Segment(segment.start(), depth, segment.base()),
                       Segment(right_start, depth, segment.base())};
  for (int side = 0; side < 2; ++side) {
    size_t groups = std::min(Segment::FitGroups(counts[side]), kMostGroups);
    if (groups > max_segment_groups_ && counts[side] <= Segment::MaxCount(max_segment_groups_)) {
      groups = max_segment_groups_;
    }
    if (halves[side].Resize(groups, *pool_, deferred)) continue;
    halves[0].Discard(*pool_, deferred);
    return false;
  }
  {
    const bool with_access = pool_->tracks_access();
    Segment::Filling left(halves[0], with_access), right(halves[1], with_access);
    segment.ForEach([&](SlotRef slot) { (goes_right(slot) ? right : left).Add(slot); });
  }

  blocks_ += halves[0].blocks() + halves[1].blocks() - segment.blocks();
  segment.Discard(*pool_, deferred);
  segment = std::move(halves[0]);
  *added = std::move(halves[1]);
  Segment* const right = added.release();
  ++segments_;
  directory_.SetSegments(DirectoryIndex(right_start), size_t{1} << (depth_ - depth), right);
  for (const Segment* half : {&segment, right}) {
    NoteRoute(*half);
    NoteEarliest(*half);
  }
  return true;
}

SlotRef Index::Insert(Segment& segment, const SlotFields& fields) {
  ++count_;
  with_deadline_ += fields.deadline.coarse != kCoarseNone;
  const uint32_t earliest = segment.earliest();
  const SlotRef slot = segment.Insert(fields);
  if (segment.earliest() != earliest) NoteEarliest(segment);
  return slot;
}

void Index::Clear(Segment& segment, SlotRef slot) {
  --count_;
  with_deadline_ -= slot.coarse() != kCoarseNone;
  segment.Clear(slot);
}

void Index::TightenEarliest(Segment& segment, uint32_t limit) {
  segment.TightenEarliest(limit);
  NoteEarliest(segment);
}

void Index::Clear(Segment& segment, const SlotSet& slots, size_t number, uint32_t limit,
                  const Segment* next, FetchAhead ahead) {
  count_ -= number;
  with_deadline_ -= number;
  segment.Clear(slots, number, limit, next, ahead);
  NoteEarliest(segment);
}

void Index::Discard(Segment& segment, DeferredWork& deferred) {
  count_ -= segment.count();
  with_deadline_ -= segment.count();
  blocks_ -= segment.blocks();
  segment.Discard(*pool_, deferred);
  NoteRoute(segment);
  NoteEarliest(segment);
}

void Index::ShrinkIfSparse(Segment& segment, DeferredWork& deferred) noexcept {
  if (segment.groups() == 0 || segment.count() >= Segment::SparseCount(segment.groups())) return;
  const size_t groups = Segment::FitGroups(segment.count());
  // Without memory for the smaller copy, the larger one serves on.
  if (groups < segment.groups()) Resize(segment, groups, deferred);
}

}  // namespace dcs::store
