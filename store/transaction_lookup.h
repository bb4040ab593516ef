// How a transaction finds a live key. Inlined into the files that define Transaction's members; no other
// file includes this.
#pragma once

#include <cassert>

#include "store/shard.h"
#include "store/transaction.h"

namespace dcs::store {

// A key's slot if the key is live.
struct Transaction::Live {
  SlotRef slot;
  TimeMs deadline;  // if there is a slot
  explicit operator bool() const { return static_cast<bool>(slot); }
};

inline Shard& Transaction::Held(const HashedKey& key) {
  const auto shard = [&]() -> Shard& { return *keyspace_.shards_[keyspace_.ShardNumber(key)]; };
  assert((one_ != nullptr ? one_ == &shard()
                          : (held_shards_ >> keyspace_.ShardNumber(key) & 1) != 0) &&
         "Transaction: asked only about keys it holds");
  return one_ != nullptr ? static_cast<Shard&>(*one_) : shard();
}

[[gnu::always_inline]] inline void Transaction::CountAccess(Shard& shard, const HashedKey& key,
                                                            SlotRef slot) {
  if (!shard.tracks_access()) return;
  if (accessed_ == key.hash) return;
  accessed_ = key.hash;
  shard.CountAccess(slot, now_);
}

inline Transaction::Live Transaction::FindLive(Shard& shard, const HashedKey& key,
                                               SlotRef* expired) {
  return IfLive(shard, key, shard.Find(key).slot, expired);
}

inline Transaction::Live Transaction::IfLive(Shard& shard, const HashedKey& key, SlotRef slot,
                                             SlotRef* expired) {
  if (!slot) return {};
  const TimeMs deadline = shard.DeadlineOf(slot);
  if (!Expired(deadline, now_)) [[likely]]
    return {slot, deadline};
  PassExpired(shard, key, slot, expired);
  return {};
}

}  // namespace dcs::store
