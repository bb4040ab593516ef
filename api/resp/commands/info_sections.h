// The sections of INFO, each written by one function.
//
// Cost: none grows with the number of keys: O(shards) and O(clients).
// Thread safety: as command handlers.
#pragma once

#include "api/resp/commands/context.h"
#include "api/resp/commands/info_lines.h"

namespace dcs::resp {

void MemorySection(Context& c, InfoLines& line);
void StatsSection(Context& c, InfoLines& line);

}  // namespace dcs::resp
