// One Redis process of an instance: its keys, and what its clients can see and set of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "scanner/natural_deletion.h"
#include "store/clock.h"
#include "store/keyspace.h"

namespace dcs::api {

// Thread safety: members say for themselves; the others are set before the servers start.
struct Node {
  Node(const store::KeyspaceOptions& options, const store::Clock& node_clock)
      : clock(node_clock), keyspace(options), started_at(node_clock.Now()) {}

  const store::Clock& clock;
  store::Keyspace keyspace;  // thread-safe

  // Set while the node is in service. Its switch is thread-safe.
  std::unique_ptr<scanner::NaturalDeletion> natural_deletion;

  std::string engine_version = "7.0.15";  // what INFO calls redis_version
  std::string password;                   // empty: no AUTH needed
  std::string host = "127.0.0.1";
  uint16_t resp_port = 0;  // known once the RESP server listens
  store::TimeMs started_at;
};

}  // namespace dcs::api
