// The parameters of walks over a shard: limits, the state of a fast sweep, and where released keys are
// reported.
//
// Thread safety: values; one thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/index/segment.h"
#include "store/key_event.h"

namespace dcs::store {

// The position of a fast sweep in a shard.
struct FastSweepWalk {
  // 0 if another fast sweep of the shard was under way at the start. This one then releases key by key.
  uint64_t ticket = 0;
  uint64_t position = 0;
  FetchAhead ahead;  // what the last segment called for
};

// Where a walk reports the keys that it releases.
struct ExpiryReport {
  KeyEventSink& sink;
  ReleasedBy by;
};

// The limits of a walk. It ends with the home group in which one of them is reached.
struct WalkLimit {
  size_t slots = SIZE_MAX;          // keys passed
  size_t with_deadline = SIZE_MAX;  // of those
  size_t released = SIZE_MAX;       // exact: expired keys beyond it stay
  // Segments without keys passed. Segments are never merged: a keyspace that is nearly empty has as many as
  // when it was full, and one call must not pass them all.
  size_t empty_segments = 512;
  // Whether a segment without deadlines is skipped and counts as one slot.
  bool deadlines_only = false;
  // Whether the visitor reads the slots' records: those of the next group are prefetched.
  bool prefetch_records = false;

  bool reached() const {
    return slots == 0 || with_deadline == 0 || released == 0 || empty_segments == 0;
  }
};

}  // namespace dcs::store
