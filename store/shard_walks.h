// What the walks over a shard's slots have in common: the way through one segment from a position on.
// For those who walk; who looks up keys needs shard.h alone.
//
// Thread safety: as Shard's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/shard.h"

namespace dcs::store {

[[gnu::always_inline]] inline void Shard::PrefetchRecordsOf(const Segment& segment,
                                                            size_t group) const {
  if (group >= segment.groups()) return;
  // Not by ForEachStandingIn: gcc drops the call, as it does of all that only prefetch.
  for (GroupMask full = FullSlots(segment.Tags(group)); full != 0; full &= full - 1) {
    const auto at = static_cast<size_t>(__builtin_ctz(full));
    PrefetchRecordAt(segment.SlotAt(group, at).offset());
  }
}

inline void Shard::FetchFrom(uint64_t position) const {
  const Segment& segment = index_.SegmentAt(position);
  if (segment.count() > 0) PrefetchRecordsOf(segment, segment.HomeOf(segment.PlaceOf(position)));
}

template <typename Visit>
uint64_t Shard::WalkSegment(uint64_t position, WalkLimit& limit, Visit visit) {
  Segment& segment = index_.SegmentAt(position);
  const uint64_t end = segment.end();
  if (segment.count() == 0) return end;
  if (limit.deadlines_only && segment.with_deadline() == 0) {
    limit.slots -= limit.slots > 0;
    return end;
  }
  const uint16_t place = segment.PlaceOf(position);
  // Keys of the first home group below the position were passed before the segment grew or split.
  uint16_t from = segment.LocalPlace(place);
  for (size_t home = segment.HomeOf(place); home < segment.groups(); ++home, from = 0) {
    if (limit.fetch_next) PrefetchRecordsOf(segment, home + 1);
    segment.ForEachOfHome(home, [&](SlotRef slot) {
      if (segment.LocalPlace(slot.place()) < from) return;
      limit.slots -= limit.slots > 0;
      limit.with_deadline -= limit.with_deadline > 0 && slot.coarse() != kCoarseNone;
      visit(segment, slot);
    });
    if (limit.slots > 0 && limit.with_deadline > 0) continue;
    const uint32_t next = segment.FirstLocalPlace(home + 1);
    if (next >= uint32_t{1} << 16) return end;
    return segment.start() + (uint64_t{next} << (48 - segment.depth()));
  }
  return end;
}

}  // namespace dcs::store
