// What the walks over a shard's slots have in common: the way through one segment from a position on.
// For those who walk; who looks up keys needs shard.h alone.
//
// Thread safety: as Shard's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/shard.h"

namespace dcs::store {

inline void Shard::PrefetchRecordsOf(const Segment& segment, size_t group) const {
  if (group >= segment.groups()) return;
  segment.ForEachStandingIn(
      group, [&](SlotRef slot) __attribute__((always_inline)) { PrefetchRecordAt(slot.offset()); });
}

template <typename Visit>
uint64_t Shard::WalkSegment(uint64_t position, WalkLimit& limit, Visit visit) {
  Segment& segment = index_.SegmentAt(position);
  const uint64_t end = segment.end();
  if (segment.count() == 0) {
    limit.empty_segments -= limit.empty_segments > 0;
    return end;
  }
  if (limit.deadlines_only && segment.with_deadline() == 0) {
    limit.slots -= limit.slots > 0;
    return end;
  }
  const uint16_t place = segment.PlaceOf(position);
  // Keys of the first home group below the position were passed before the segment grew or split.
  uint16_t from = segment.LocalPlace(place);
  // Whether the position lies between two places, as it may after Clear: the table that it was taken from
  // had finer ones. Then a key of its place says by its hash whether it was passed.
  const bool between = position << (segment.base() + 16) != 0;
  for (size_t home = segment.HomeOf(place); home < segment.groups(); ++home, from = 0) {
    if (limit.prefetch_records) PrefetchRecordsOf(segment, home + 1);
    segment.ForEachOfHome(home, [&](SlotRef slot) {
      const uint16_t local = segment.LocalPlace(slot.place());
      if (local < from) return;
      if (between && local == from && HashOfRecord(slot.offset()) < position) [[unlikely]]
        return;
      limit.slots -= limit.slots > 0;
      limit.with_deadline -= limit.with_deadline > 0 && slot.coarse() != kCoarseNone;
      visit(segment, slot);
    });
    if (!limit.reached()) continue;
    const uint32_t next = segment.FirstLocalPlace(home + 1);
    if (next >= uint32_t{1} << 16) return end;
    return segment.start() + (uint64_t{next} << (48 - segment.depth()));
  }
  return end;
}

}  // namespace dcs::store
