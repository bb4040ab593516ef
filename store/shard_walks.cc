// A shard's walks over its segments: what has expired is released or counted.
#include "store/shard_walks.h"

namespace dcs::store {
namespace {

// Whether a walk from `position` on ends behind the segment, not in it.
bool CoversWhole(const Segment& segment, uint64_t position, const WalkLimit& limit) {
  return position == segment.start() && segment.count() > 0 && limit.slots > segment.count() &&
         limit.with_deadline > segment.with_deadline() &&
         limit.released > segment.with_deadline() &&
         (segment.with_deadline() > 0 || !limit.deadlines_only);
}

// Whether lines that so many of a segment's slots are asked for are fetched ahead. Of less than a
// sixteenth, it is cheaper to fetch them as they are asked for.
bool WorthFetching(size_t slots, const Segment& segment) { return slots * 16 >= segment.count(); }

}  // namespace

uint64_t Shard::ReleaseExpired(uint64_t position, WalkLimit& limit, TimeMs now, SweepResult& result,
                               const ExpiryReport* report, DeferredWork& deferred) {
  Segment& segment = index_.SegmentAt(position);
  const bool any_expired = segment.earliest() <= CoarseNow(now);
  if (CoversWhole(segment, position, limit)) {
    limit.slots -= segment.count();
    limit.with_deadline -= segment.with_deadline();
    result.visited += segment.count();
    result.with_deadline += segment.with_deadline();
    FetchAhead ahead;
    const size_t released_before = result.released;
    if (any_expired && report != nullptr) ReportExpiredIn(segment, *report, now);
    if (any_expired) ReleaseIn(segment, nullptr, 0, ahead, now, result, deferred);
    limit.released -= result.released - released_before;
    return segment.end();
  }
  const uint64_t next = WalkSegment(position, limit, [&](Segment& walked, SlotRef slot) {
    ++result.visited;
    result.with_deadline += slot.coarse() != kCoarseNone;
    if (!any_expired || limit.released == 0 || !IsExpired(slot, now)) return;
    --limit.released;
    ++result.released;
    result.released_bytes += BytesOf(slot);
    if (report != nullptr) ReportExpired(slot, *report, now);
    Remove({&walked, slot}, FreeMode::kLazy, true, deferred);
  });
  // Only behind the last group: what is left in the middle of a walk is all on one side, and a
  // segment fitted to that would be one long overflow.
  if (any_expired && next == segment.end()) {
    index_.TightenEarliest(segment, CoarseNow(now));
    index_.ShrinkIfSparse(segment, deferred);
  }
  return next;
}

void Shard::ReportExpired(SlotRef slot, const ExpiryReport& report, TimeMs now) const {
  const Entry entry = View(slot);
  report.sink.OnKeyEvent({.kind = KeyEventKind::kExpired,
                          .key = entry.key,
                          .entry = entry,
                          .released_by = report.by,
                          .now = now});
}

void Shard::ReportExpiredIn(const Segment& segment, const ExpiryReport& report, TimeMs now) const {
  segment.ForEach([&](SlotRef slot) {
    if (IsExpired(slot, now)) ReportExpired(slot, report, now);
  });
}

uint64_t Shard::RemoveSegment(uint64_t position, DeferredWork& deferred) noexcept {
  Segment& segment = index_.SegmentAt(position);
  const uint64_t end = segment.end();
  segment.ForEach([&](SlotRef slot) { Remove({&segment, slot}, FreeMode::kLazy, true, deferred); });
  index_.ShrinkIfSparse(segment, deferred);
  return end;
}

size_t Shard::FindExpired(const Segment& segment, const Segment* next, uint32_t due_below,
                          FetchAhead ahead, TimeMs now, SlotSet& expired) const {
  SlotDeadline slot_now = SlotNow(now);
  // Without a deadline between `now` and the next 256 ms, these are as good, and ask no lower bits.
  if (slot_now.coarse < due_below) slot_now = {slot_now.coarse + 1, 0};
  if (slot_now.coarse < kCoarseOutOfLine) [[likely]]
    return segment.FindExpired(slot_now, next, ahead, expired);
  // 34.8 years after the epoch: deadlines stand in the records.
  expired.Reset(segment.blocks());
  size_t found = 0;
  segment.ForEach([&](SlotRef slot) {
    if (!IsExpired(slot, now)) return;
    expired[slot.group] |= static_cast<uint16_t>(1 << slot.in_group);
    ++found;
  });
  return found;
}

// Out of line, so that the loop it is called from keeps everything in registers.
[[gnu::noinline]] size_t Shard::AskRecord(SlotRef slot, size_t& heap_bytes,
                                          DeferredWork& deferred) {
  heap_bytes += ReleaseHeap(slot, FreeMode::kLazy, deferred);
  return RecordBytesOf(slot);
}

void Shard::ReleaseIn(Segment& segment, const Segment* next, uint32_t due_below, FetchAhead& ahead,
                      TimeMs now, SweepResult& result, DeferredWork& deferred) {
  // All its records are in due chunks: nobody asks which.
  if (segment.with_deadline() == segment.count() && segment.latest() < due_below &&
      segment.all_sized()) {
    result.released += segment.count();
    ahead = FetchAhead();
    ahead.deadlines = false;
    return index_.Discard(segment, deferred);
  }
  const uint32_t coarse_now = CoarseNow(now);
  SlotSet expired;
  const size_t found = FindExpired(segment, next, due_below, ahead, now, expired);
  Log::Releases releases(log_, deferred);
  size_t heap_bytes = 0, told = 0;
  const bool all_due = coarse_now < due_below && segment.all_sized();
  if (!all_due) {
    segment.ForEachIn(expired, due_below, [&](const SlotBlock& block, size_t group, size_t slot) {
      size_t bytes = size_t{block.units[slot]} * kRecordUnit;
      if (bytes == 0) [[unlikely]] {
        bytes = AskRecord(segment.SlotAt(group, slot % kGroupSlots), heap_bytes, deferred);
      }
      releases.Add(block.offset[slot], bytes);
      ++told;
    });
  }
  result.released += found;
  result.released_bytes += releases.bytes() + heap_bytes;
  FetchAhead called_for;
  called_for.units = !all_due && WorthFetching(found, segment);
  called_for.offsets = WorthFetching(told, segment);
  called_for.groups = WorthFetching(found, segment) && found < segment.count();
  if (found == segment.count()) {
    index_.Discard(segment, deferred);
  } else {
    index_.Clear(segment, expired, found, coarse_now, next, ahead);
    index_.ShrinkIfSparse(segment, deferred);
  }
  ahead = called_for;
}

FastSweepWalk Shard::BeginFastSweep(TimeMs now, DeferredWork& deferred) {
  FastSweepWalk walk;
  if (sweeping_ != 0) return walk;
  log_.MarkDue(SlotNow(now), deferred);
  walk.ticket = sweeping_ = ++last_ticket_;
  return walk;
}

bool Shard::ReleaseStretch(FastSweepWalk& walk, TimeMs now, SweepResult& result,
                           const ExpiryReport* report, DeferredWork& deferred) {
  size_t slots = 0;
  const uint32_t due_below = walk.ticket == sweeping_ ? log_.due_below() : 0;
  const auto release = [&](Segment& segment, const Segment* next) {
    slots += segment.groups() * kGroupSlots;
    const size_t released_before = result.released;
    if (report != nullptr) ReportExpiredIn(segment, *report, now);
    ReleaseIn(segment, next, due_below, walk.ahead, now, result, deferred);
    slots += (result.released - released_before) * kReleasedAsSlots;
    return slots < kStretchSlots;
  };
  walk.position = index_.WalkDue(walk.position, CoarseNow(now), release);
  return walk.position != 0;
}

void Shard::EndFastSweep(const FastSweepWalk& walk, SweepResult& result, DeferredWork& deferred) {
  // Not where all contents were taken out meanwhile.
  if (walk.ticket == 0 || walk.ticket != sweeping_) return;
  result.released_bytes += log_.ReleaseDue(deferred);
  sweeping_ = 0;
}

uint64_t Shard::CountStretch(uint64_t position, TimeMs now, Census& census) const {
  if (position == 0) {
    census.keys += count();
    census.keys_with_deadline += with_deadline();
  }
  size_t slots = 0;
  FetchAhead ahead;
  SlotSet expired;
  return index_.WalkDue(position, CoarseNow(now), [&](const Segment& segment, const Segment* next) {
    const size_t found = FindExpired(segment, next, 0, ahead, now, expired);
    census.expired_keys += found;
    segment.ForEachIn(expired, 0, [&](const SlotBlock& block, size_t group, size_t slot) {
      census.expired_bytes += block.units[slot] != 0
                                  ? block.units[slot] * kRecordUnit
                                  : BytesOf(segment.SlotAt(group, slot % kGroupSlots));
    });
    ahead.units = WorthFetching(found, segment);
    slots += segment.groups() * kGroupSlots + found * kReleasedAsSlots;
    return slots < kStretchSlots;
  });
}

Shard::DeadlineSample Shard::SampleDeadlines(TimeMs now) const {
  constexpr int kSegmentBits = 2;
  constexpr size_t kSegments = size_t{1} << kSegmentBits;
  DeadlineSample sample;
  sample.all = index_.segments() <= kSegments;
  bool looked = false;
  uint64_t end = 0;  // of the segment that was looked at last
  const auto look = [&](const Segment& segment, const Segment*) {
    looked = true;
    end = segment.end();
    segment.ForEach([&](SlotRef slot) {
      if (slot.coarse() == kCoarseNone) return;
      ++sample.keys;
      const TimeMs deadline = DeadlineOf(slot);
      if (Expired(deadline, now)) {
        ++sample.expired;
        sample.expired_bytes += BytesOf(slot);
      } else {
        sample.ttl_ms += static_cast<double>(MillisecondsLeft(deadline, now));
      }
    });
    return sample.all;
  };
  // All that have a deadline, out of line ones included.
  constexpr uint32_t kAnyDeadline = kCoarseNone - 1;
  if (sample.all) {
    index_.WalkDue(0, kAnyDeadline, look);
    return sample;
  }
  for (uint64_t part = 0; part < kSegments; ++part) {
    const uint64_t from = part << (64 - kSegmentBits);
    // Where deadlines are rare, the segment before lies further on already.
    if (looked && (end == 0 || from < end)) continue;
    index_.WalkDue(from, kAnyDeadline, look);
  }
  return sample;
}

}  // namespace dcs::store
