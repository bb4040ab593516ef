// The options of a keyspace, fixed when it is made.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/time/clock.h"

namespace dcs::store {

class LockObserver;

struct KeyspaceOptions {
  // Power of two, 1 to 64.
  size_t shards = 16;
  // The seed of all hashes. Random in a server, so that clients cannot choose colliding keys. A simulation
  // takes the scenario's seed, so that runs repeat to the bit.
  uint64_t seed = 0;
  // Deadlines up to 34.8 years after this take no extra space. No call's `now` is before it.
  TimeMs epoch = 0;
  // The share of the log that may be dead (overwritten, deleted, released beside survivors) before sparse
  // chunks are evacuated.
  double waste_limit = 0.18;
  // Whether a client's access to an expired key releases the key, as in Redis.
  bool release_on_access = true;
  // Whether a background thread destroys large values; otherwise LazyFree::Drain does.
  bool lazy_free_thread = true;
  // Told of every lock and unlock of a shard, to measure how long locks are held. Must outlive the keyspace.
  LockObserver* lock_observer = nullptr;
  // Small in tests, so that growth, splits and evacuation happen within few keys.
  size_t max_segment_groups = 64;
  size_t max_chunk_bytes = size_t{2} << 20;
};

}  // namespace dcs::store
