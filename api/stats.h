// The statistics of a node: what its process has counted and what its keyspace holds. INFO and the
// DCS API show figures from here only. Made by Node::TakeStats.
#pragma once

#include <cstddef>
#include <cstdint>

#include "api/rate_meter.h"
#include "api/run_stats.h"
#include "scanner/natural_deletion.h"
#include "store/memory/lazy_free.h"
#include "store/results.h"

namespace dcs::api {

// The parts of Stats that cost more than some loads. Only those asked for are made.
struct StatsParts {
  bool used = false;     // O(1)
  bool memory = false;   // O(shards); includes `used`
  bool keys = false;     // O(shards)
  bool expiry = false;   // O(shards), about 2 us each
  bool clients = false;  // O(clients)
  bool rates = false;    // see RunStats::MeasureRates

  StatsParts operator|(const StatsParts& other) const {
    return {.used = used || other.used,
            .memory = memory || other.memory,
            .keys = keys || other.keys,
            .expiry = expiry || other.expiry,
            .clients = clients || other.clients,
            .rates = rates || other.rates};
  }
};

struct Stats {
  // Since the run of the process began or CONFIG RESETSTAT.
  uint64_t connections_received = 0;
  uint64_t rejected_connections = 0;
  uint64_t commands_processed = 0;
  uint64_t error_replies = 0;
  uint64_t keyspace_hits = 0;
  uint64_t keyspace_misses = 0;
  uint64_t net_input_bytes = 0;
  uint64_t net_output_bytes = 0;
  uint64_t reads_processed = 0;
  uint64_t writes_processed = 0;
  // Since the node was made.
  scanner::NaturalDeletion::Totals natural_deletion;

  size_t used_bytes = 0;  // StatsParts::used: of keys, values and index

  // StatsParts::memory
  store::MemoryUse memory;
  size_t peak_used_bytes = 0;  // of the run, as far as it was noted
  store::LazyFree::Counters lazy_free;

  // StatsParts::keys: expired keys by what released them, and evacuation. As the counters above.
  store::KeyspaceCounters keys;
  // StatsParts::expiry: numbers of keys, exactly, and an estimate of the expired ones.
  store::ExpiryEstimate expiry;
  // StatsParts::clients
  ClientStats clients;
  // StatsParts::rates
  RateMeter::Rates rates;
};

}  // namespace dcs::api
