// The lock of one step of a walk over a keyspace.
//
// A thread whose transaction holds all shards may call the keyspace's walks and counts. They then take no
// lock: Keyspace::held_by_this_thread tells.
//
// Thread safety: one thread.
#pragma once

#include "store/keyspace_memory.h"
#include "store/memory/deferred_work.h"
#include "store/shard.h"

namespace dcs::store {

// For steps that only read.
class ShardLock {
 public:
  ShardLock(const Shard& shard, bool held) : mutex_(held ? nullptr : &shard.mutex) {
    if (mutex_ != nullptr) mutex_->lock();
  }
  ~ShardLock() {
    if (mutex_ != nullptr) mutex_->unlock();
  }
  ShardLock(const ShardLock&) = delete;
  ShardLock& operator=(const ShardLock&) = delete;

 private:
  ShardMutex* const mutex_;
};

// For steps that change the shard. Lets waiting threads go first, publishes what the shard uses at the end,
// and does the deferred work after the lock is released.
class WalkStep {
 public:
  WalkStep(Shard& shard, KeyspaceMemory& memory, bool held)
      : shard_(shard), held_(held), deferred_(memory.pages, memory.lazy_free) {
    if (held_) return;
    shard_.mutex.Yield();
    shard_.mutex.lock();
  }
  ~WalkStep() {
    shard_.Publish();
    if (!held_) shard_.mutex.unlock();
  }
  WalkStep(const WalkStep&) = delete;
  WalkStep& operator=(const WalkStep&) = delete;

  DeferredWork& deferred() { return deferred_; }

 private:
  Shard& shard_;
  const bool held_;
  DeferredWork deferred_;  // destroyed after the lock is released
};

}  // namespace dcs::store
