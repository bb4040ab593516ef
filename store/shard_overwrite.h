// How a shard writes a string over another one in place. Inlined into the SET path; only the files that
// write strings include this.
//
// Thread safety: as Shard's.
#pragma once

#include <algorithm>

#include "store/shard.h"

namespace dcs::store {

[[gnu::always_inline]] inline Shard::Overwriting Shard::BeginOverwriting(Found found,
                                                                         TimeMs deadline,
                                                                         TimeMs now) {
  const SlotDeadline after = ToSlot(deadline, options_.epoch);
  Chunk& chunk = log_.ChunkOf(found.slot.offset());
  const uint32_t before = found.slot.coarse();
  const bool none = after.coarse == kCoarseNone;
  // An upper bound, which holds whether the slot is written to or not.
  if (!none) found.segment->NoteLatest(after.coarse);
  return {.deadline = after,
          .chunk = &chunk,
          .chunk_latest = none ? chunk.latest : std::max(chunk.latest, after.rank()),
          .allowed = after.coarse != kCoarseOutOfLine && chunk.takes_writes() &&
                     chunk.deadline_class == DeadlineClass(deadline, now),
          .keeps_counts = none ? before == kCoarseNone : before <= after.coarse};
}

[[gnu::always_inline]] inline bool Shard::Overwrite(const HashedKey& key, Found found,
                                                    const std::byte* at, const RecordView& view,
                                                    RecordKind kind, std::string_view value,
                                                    const Overwriting& overwriting) {
  if (!overwriting.allowed) [[unlikely]]
    return false;
  auto* const record = const_cast<std::byte*>(at);
  if (view.is_short && value.size() <= kMaxShortLength) [[likely]] {
    // The key stays where it is.
    if (!OverwriteShort(record, view, kind, value)) [[unlikely]]
      return false;
  } else if (!OverwriteLong(key, record, kind, value)) {
    return false;
  }
  if (overwriting.keeps_counts) [[likely]] {
    found.slot.set_deadline(overwriting.deadline);
    overwriting.chunk->latest = overwriting.chunk_latest;
  } else {
    SetSlotDeadline(found, overwriting.deadline);
  }
  return true;
}

}  // namespace dcs::store
