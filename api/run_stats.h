// What a node counts during one run of its Redis process: from the start of its RESP server, or from
// CONFIG RESETSTAT. Each start of a server begins a new run, so connections of the server before,
// which may still be closing, count elsewhere.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

#include "api/counters.h"
#include "api/rate_meter.h"
#include "store/keyspace.h"
#include "store/time/clock.h"

namespace dcs::api {

// The clients that are connected now, and their buffers in bytes.
struct ClientStats {
  size_t connected = 0;
  size_t largest_input = 0;   // memory that one client's input holds, at most
  size_t largest_output = 0;  // replies that wait for one client, at most
  size_t buffers = 0;         // of all clients together
};

// Thread safety: all members may be called from any thread.
class RunStats {
 public:
  // `keyspace` must outlive it.
  RunStats(const store::Keyspace& keyspace, store::TimeMs now)
      : keyspace_(keyspace), rates_(now), base_(keyspace.Counters()) {}

  Counters counters;

  // Notes that the keyspace uses `used` bytes. Returns the peak of the run so far.
  size_t NotePeakUsed(size_t used) {
    size_t peak = peak_used_.load(std::memory_order_relaxed);
    while (peak < used && !peak_used_.compare_exchange_weak(peak, used)) {
    }
    return std::max(peak, used);
  }

  // The keyspace's counters since the run began or was reset. O(shards).
  store::KeyspaceCounters Keys() const {
    const std::lock_guard lock(mutex_);
    const store::KeyspaceCounters now = keyspace_.Counters();  // which never go back
    return {now.released_on_access - base_.released_on_access,
            now.released_by_sweep - base_.released_by_sweep,
            now.released_by_sample - base_.released_by_sample,
            now.evacuated_records - base_.evacuated_records,
            now.evacuated_bytes - base_.evacuated_bytes};
  }
  // Leaves so many keys that a sweep has released out of Keys().
  void LeaveOut(uint64_t released_by_sweep) {
    const std::lock_guard lock(mutex_);
    base_.released_by_sweep += released_by_sweep;
  }

  // The mean rates since a call at least a second ago. A call changes what later calls return, so
  // INFO alone calls it.
  RateMeter::Rates MeasureRates(store::TimeMs now) { return rates_.Measure(counters, now); }

  // CONFIG RESETSTAT. Keeps the peak, as Redis does.
  void Reset() {
    counters.Reset();
    const std::lock_guard lock(mutex_);
    base_ = keyspace_.Counters();
  }

  // Who counts the clients: the server of the run, until it ends. nullptr: there are none.
  void set_client_source(std::function<ClientStats()> source) {
    const std::lock_guard lock(clients_mutex_);
    client_source_ = std::move(source);
  }
  // O(clients).
  ClientStats Clients() const {
    const std::lock_guard lock(clients_mutex_);
    return client_source_ ? client_source_() : ClientStats();
  }

 private:
  const store::Keyspace& keyspace_;
  RateMeter rates_;
  std::atomic<size_t> peak_used_{0};
  mutable std::mutex mutex_;
  store::KeyspaceCounters base_;  // guarded by mutex_
  mutable std::mutex clients_mutex_;
  std::function<ClientStats()> client_source_;  // guarded by clients_mutex_
};

}  // namespace dcs::api
