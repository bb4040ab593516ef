// The sections of INFO, each written by one function from the node's statistics.
//
// Cost: none grows with the number of keys: O(shards) and O(clients).
// Thread safety: as command handlers.
#pragma once

#include "api/resp/commands/context.h"
#include "api/resp/commands/info_lines.h"
#include "api/stats.h"

namespace dcs::resp {

// The parts of `stats` that each of them reads stand in its row of the table in info.cc.
void MemorySection(Context& c, const api::Stats& stats, InfoLines& line);
void StatsSection(Context& c, const api::Stats& stats, InfoLines& line);

}  // namespace dcs::resp
