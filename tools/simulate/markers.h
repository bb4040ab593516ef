// Markers for the plots of all policies: events caused by the scenario itself.
//
// Thread safety: free functions.
#pragma once

#include <vector>

#include "tools/simulate/report.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

// The start of reclamation, midnights, the start, end and bursts of client streams, and the last
// deadline of the load if no client writes. In time order, at most a few dozen. O(bursts).
// `last_deadline_ms`: the last deadline of the load; 0 if no loaded key expires.
std::vector<Marker> MarkersOf(const Scenario& scenario, TimeMs last_deadline_ms);

}  // namespace dcs::simulate
