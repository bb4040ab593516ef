// What a transaction needs of a shard at its start and end: the lock, and whether writes have made
// work. It is the base of Shard, so that transaction.h shows no segment and no log.
//
// Thread safety: all but the lock is guarded by the lock.
#pragma once

#include <cstdint>

#include "store/shard_mutex.h"

namespace dcs::store {

class ShardGate {
 public:
  explicit ShardGate(LockObserver* observer) : mutex(observer) {}

  mutable ShardMutex mutex;

  // Whether the writes so far are enough for a step of evacuation to be owed. If nothing is to be evacuated,
  // Shard::BeginPaying tells that none is.
  bool owes_work() const { return writes_ >= kWritesPerEvacuatedSegment; }

 protected:
  static constexpr uint64_t kWritesPerEvacuatedSegment = 16;

  uint64_t writes_ = 0;
};

}  // namespace dcs::store
