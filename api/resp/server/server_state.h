// What all connections of one RESP server share: the node, and what is said and counted about it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "api/node.h"
#include "api/resp/server/client_registry.h"
#include "api/resp/server/counters.h"
#include "api/resp/server/hold.h"
#include "api/resp/server/rate_meter.h"
#include "api/resp/server/settings.h"

namespace dcs::resp {

// Thread safety: every member is thread-safe. `node` must outlive it, or be owned through it.
struct ServerState {
  // `seed` is of RANDOMKEY's choices and of the IDs.
  ServerState(api::Node& served, uint64_t seed)
      : node(served),
        rates(served.clock.Now()),
        run_id(RandomId(seed)),
        replication_id(RandomId(~seed)),
        random_(seed),
        base_(served.keyspace.Counters()) {
    settings.Publish("requirepass", node.password);
  }
  ServerState(std::shared_ptr<api::Node> served, uint64_t seed) : ServerState(*served, seed) {
    owned_ = std::move(served);
  }

  api::Node& node;
  Settings settings;
  ClientRegistry clients;
  Counters counters;
  Hold hold;
  RateMeter rates;
  const std::string run_id;          // 40 hexadecimal digits, others at each start
  const std::string replication_id;  // likewise

  // The keyspace uses so much now. Returns the most that was ever noted: by INFO and once a second.
  size_t NotePeakUsed(size_t used) {
    size_t peak = peak_used_.load(std::memory_order_relaxed);
    while (peak < used && !peak_used_.compare_exchange_weak(peak, used)) {
    }
    return std::max(peak, used);
  }

  // Settings::Set or SetLowered, and what they change of the node: its natural deletion, and whether its
  // keys have access words (an LRU or LFU policy needs them).
  absl::Status SetParameters(std::span<const std::string_view> pairs) {
    return TuneAfter(settings.Set(pairs));
  }
  absl::Status SetParametersLowered(std::span<const std::string_view> pairs) {
    return TuneAfter(settings.SetLowered(pairs));
  }

  // The keyspace's counters never go back: what they were at the server's start or at
  // CONFIG RESETSTAT is taken off.
  store::KeyspaceCounters CountersSinceReset() const {
    const std::lock_guard lock(mutex_);
    const store::KeyspaceCounters now = node.keyspace.Counters();
    return {now.released_on_access - base_.released_on_access,
            now.released_by_sweep - base_.released_by_sweep,
            now.released_by_sample - base_.released_by_sample,
            now.evacuated_records - base_.evacuated_records,
            now.evacuated_bytes - base_.evacuated_bytes};
  }
  // CountersSinceReset will not count so many keys that a sweep has released.
  void LeaveOutOfCounters(uint64_t released_by_sweep) {
    const std::lock_guard lock(mutex_);
    base_.released_by_sweep += released_by_sweep;
  }
  void ResetCounters() {
    counters.Reset();
    const std::lock_guard lock(mutex_);
    base_ = node.keyspace.Counters();
  }

  // 64 bits that look random (splitmix64).
  uint64_t NextRandom() { return Mixed(random_.fetch_add(kRandomStep, std::memory_order_relaxed)); }

 private:
  static constexpr uint64_t kRandomStep = 0x9E3779B97F4A7C15;

  static uint64_t Mixed(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  static std::string RandomId(uint64_t seed) {
    constexpr size_t kDigits = 40;
    std::string id;
    for (uint64_t at = Mixed(seed ^ kRandomStep); id.size() < kDigits; at += kRandomStep) {
      absl::StrAppend(&id, absl::Hex(Mixed(at), absl::kZeroPad16));
    }
    return id.substr(0, kDigits);
  }

  absl::Status TuneAfter(absl::Status status) {
    if (status.ok()) {
      node.tuning.hz = settings.hz.load();
      node.tuning.active_expire_effort = settings.active_expire_effort.load();
      node.tuning.active_expire_num = settings.active_expire_num.load();
      // Only if the policy has changed: OBJECT may have asked for the words.
      const bool needs_access = settings.UsesLru() || settings.UsesLfu();
      if (policy_needs_access_.exchange(needs_access) != needs_access) {
        node.keyspace.TrackAccess(needs_access);
      }
    }
    return status;
  }

  std::atomic<size_t> peak_used_{0};
  std::atomic<uint64_t> random_;
  std::atomic<bool> policy_needs_access_{false};
  mutable std::mutex mutex_;
  store::KeyspaceCounters base_;      // guarded by mutex_
  std::shared_ptr<api::Node> owned_;  // where `node` is shared
};

}  // namespace dcs::resp
