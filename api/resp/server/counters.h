// The counts of one connection's commands, on their way to the node's counters.
#pragma once

#include <cstdint>

#include "api/counters.h"

namespace dcs::resp {

using api::Counters;

// Counted by one connection and not yet added to the node's counters: an atomic addition costs as
// much as parsing a short command. Thread safety: none.
struct CommandCounts {
  uint64_t commands = 0;
  uint64_t error_replies = 0;
  uint64_t hits = 0;
  uint64_t misses = 0;

  void MoveTo(Counters& counters) {
    Counters::Add(counters.commands_processed, commands);
    if (error_replies > 0) Counters::Add(counters.error_replies, error_replies);
    if (hits > 0) Counters::Add(counters.keyspace_hits, hits);
    if (misses > 0) Counters::Add(counters.keyspace_misses, misses);
    *this = {};
  }
};

}  // namespace dcs::resp
