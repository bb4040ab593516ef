// What a plot of any policy should mark: what the scenario itself makes happen.
//
// Thread safety: free functions.
#pragma once

#include <vector>

#include "tools/simulate/report.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

// The start of reclamation, midnights, where a stream of clients begins, ends or bursts, and the last deadline of
// the load if no client writes. In time's order, at most some dozens. O(bursts).
// `last_deadline_ms`: of the load; 0 if no key of it expires.
std::vector<Marker> MarkersOf(const Scenario& scenario, TimeMs last_deadline_ms);

}  // namespace dcs::simulate
