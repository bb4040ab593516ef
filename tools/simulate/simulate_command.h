// dcs-sim simulate: a scenario from its file to the reports and the terminal; or two reports,
// compared.
//
// Thread safety: main thread.
#pragma once

#include "tools/simulate/simulate_options.h"

namespace dcs::simulate {

// Returns the process's exit status: 0; 1 if the scenario or a file is refused, before anything
// runs; 130 if Ctrl-C stopped the run, whose report is then partial.
int RunSimulate(const SimulateOptions& options);

}  // namespace dcs::simulate
