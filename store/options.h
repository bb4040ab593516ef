// The options of a keyspace, fixed when it is made.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/time/clock.h"

namespace dcs::store {

struct KeyspaceOptions {
  // Power of two, 1 to 64.
  size_t shards = 16;
  // Of all hashes. Random in a server, so that clients cannot choose colliding keys; the scenario's
  // under simulation, so that runs repeat to the bit.
  uint64_t seed = 0;
  // Deadlines up to 34.8 years after this take no extra space. No call's `now` lies before it.
  TimeMs epoch = 0;
  // Share of the log that may be dead (overwritten, deleted, released beside survivors) before
  // sparse chunks are evacuated.
  double waste_limit = 0.18;
  // Whether a key found expired by a client's access is released there and then, as Redis does.
  bool release_on_access = true;
  // Whether large values are destroyed by a background thread; otherwise by LazyFree::Drain.
  bool lazy_free_thread = true;
  // Whether to keep a histogram of how long shards were locked (HoldTimes below).
  bool measure_holds = false;
  // Small in tests, so that growth, splits and evacuation happen within few keys.
  size_t max_segment_groups = 64;
  size_t max_chunk_bytes = size_t{2} << 20;
};

}  // namespace dcs::store
