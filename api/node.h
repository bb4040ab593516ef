// One Redis process of an instance: its keys, and what its clients can see and set of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "scanner/natural_deletion.h"
#include "store/keyspace.h"
#include "store/time/clock.h"

namespace dcs::api {

// Shared by those who use it: its instance, its RESP server with all connections, and work on other
// threads (a sweep). It lives until the last of them has gone, and may be destroyed on any thread
// once natural deletion has been stopped.
//
// Thread safety: members say for themselves; the others are set before the servers start.
struct Node {
  Node(const store::KeyspaceOptions& options, const store::Clock& node_clock)
      : clock(node_clock), keyspace(options), started_at(node_clock.Now()) {}

  const store::Clock& clock;
  store::Keyspace keyspace;  // thread-safe

  // Natural deletion's settings as they are now. Thread-safe.
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
  // Set before the servers start. Its switch is thread-safe.
  std::unique_ptr<scanner::NaturalDeletion> natural_deletion;

  std::string engine_version = "7.0.15";  // what INFO calls redis_version
  std::string password;                   // empty: no AUTH needed
  std::string host = "127.0.0.1";
  std::atomic<uint16_t> resp_port{0};       // 0 until the RESP server has listened once
  uint64_t generation = 0;                  // of its instance (registry.h); set before it is shared
  std::atomic<bool> has_saved_keys{false};  // whether a snapshot of it is on the disk
  std::atomic<store::TimeMs> started_at;    // the process; later than the node where it restarted
};

}  // namespace dcs::api
