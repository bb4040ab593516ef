// A node of an instance: one simulated Redis process. It owns the keys, the RESP front that clients
// connect to, natural deletion, the statistics, and the settings that clients can see and change.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "api/redis_front.h"
#include "api/run_stats.h"
#include "api/stats.h"
#include "scanner/natural_deletion.h"
#include "scanner/scheduler.h"
#include "store/keyspace.h"
#include "store/time/clock.h"

namespace dcs::api {

// Shared by those who use it: its instance, its RESP server with all connections, and work on other
// threads (a sweep). It lives until the last of them has released it. The front shares it too, so
// the caller that ends the service of the node resets `front` first. After that, and once natural deletion has
// been stopped, the node may be destroyed on any thread.
//
// Thread safety: as stated at each member. Members without a statement are set before the front
// opens and only read afterwards.
struct Node {
  Node(const store::KeyspaceOptions& options, const store::Clock& node_clock);

  const store::Clock& clock;
  store::Keyspace keyspace;  // thread-safe

  // The current settings of natural deletion. Thread-safe.
  struct Tuning {
    std::atomic<int64_t> hz{scanner::NaturalDeletionTuning{}.hz};
    std::atomic<int64_t> active_expire_effort{scanner::NaturalDeletionTuning{}.effort};
    std::atomic<int64_t> active_expire_num{scanner::NaturalDeletionTuning{}.keys};
    scanner::NaturalDeletionTuning Load() const {
      return {.hz = hz.load(std::memory_order_relaxed),
              .effort = active_expire_effort.load(std::memory_order_relaxed),
              .keys = active_expire_num.load(std::memory_order_relaxed)};
    }
  };
  Tuning tuning;
  // Timers by `clock`, for the timeouts of blocked clients. nullptr: none. It must outlive the
  // handlers of the front's connections. Threads other than its own call Post only.
  scanner::Scheduler* scheduler = nullptr;
  // Its switch and its totals are thread-safe, everything else is the scheduler's.
  std::unique_ptr<scanner::NaturalDeletion> natural_deletion;
  // Exists while clients can connect. The scheduler's thread only.
  std::unique_ptr<RedisFront> front;

  std::string engine_version = "7.0.15";  // redis_version in INFO
  std::string password;                   // empty: clients need no AUTH
  std::string host = "127.0.0.1";
  std::atomic<uint16_t> resp_port{0};       // 0 until the front has listened once
  uint64_t generation = 0;                  // Instance::generation
  std::atomic<bool> has_saved_keys{false};  // whether a snapshot of it is on the disk
  std::atomic<store::TimeMs> started_at;    // when the process started; a restart renews it

  // Begins a run of the process, whose statistics start at zero. Returns what the server of the run
  // counts into. Thread-safe.
  std::shared_ptr<RunStats> BeginRun();

  // The statistics of the current run at `now`; INFO passes the time of its command. Parts that
  // were not asked for are zero. Notes the peak of memory if `memory` is asked for. Thread-safe.
  Stats TakeStats(const StatsParts& parts, store::TimeMs now);
  Stats TakeStats(const StatsParts& parts) { return TakeStats(parts, clock.Now()); }

 private:
  std::mutex mutex_;
  std::shared_ptr<RunStats> run_;  // guarded by mutex_; never nullptr
};

}  // namespace dcs::api
