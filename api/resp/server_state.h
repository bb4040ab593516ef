// What all connections of one RESP server share: the node, and what is said and counted about it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "api/node.h"
#include "api/resp/client_registry.h"
#include "api/resp/counters.h"
#include "api/resp/hold.h"
#include "api/resp/settings.h"

namespace dcs::resp {

// Thread safety: every member is thread-safe. `node` must outlive it.
struct ServerState {
  // `seed` is of RANDOMKEY's choices.
  ServerState(api::Node& served, uint64_t seed) : node(served), random_(seed) {
    settings.Publish("requirepass", node.password);
  }

  api::Node& node;
  Settings settings;
  ClientRegistry clients;
  Counters counters;
  Hold hold;

  // The keyspace's counters never go back: what they were at CONFIG RESETSTAT is taken off.
  store::KeyspaceCounters CountersSinceReset() const {
    const std::lock_guard lock(mutex_);
    const store::KeyspaceCounters now = node.keyspace.Counters();
    return {now.released_on_access - base_.released_on_access,
            now.released_by_sweep - base_.released_by_sweep,
            now.released_by_sample - base_.released_by_sample,
            now.evacuated_records - base_.evacuated_records,
            now.evacuated_bytes - base_.evacuated_bytes};
  }
  void ResetCounters() {
    counters.Reset();
    const std::lock_guard lock(mutex_);
    base_ = node.keyspace.Counters();
  }

  // 64 bits that look random (splitmix64).
  uint64_t NextRandom() {
    uint64_t z = random_.fetch_add(0x9E3779B97F4A7C15, std::memory_order_relaxed);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

 private:
  std::atomic<uint64_t> random_;
  mutable std::mutex mutex_;
  store::KeyspaceCounters base_;  // guarded by mutex_
};

}  // namespace dcs::resp
