// dcs-sim simulate: runs a scenario file and writes the reports, or compares two reports.
//
// Thread safety: main thread.
#pragma once

#include "tools/simulate/simulate_options.h"

namespace dcs::simulate {

// Returns the process's exit status: 0; 1 if the scenario or a file is refused, before anything
// runs; 130 if Ctrl-C stopped the run, which leaves a partial report.
int RunSimulate(const SimulateOptions& options);

}  // namespace dcs::simulate
