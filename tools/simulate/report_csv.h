// report.csv and timeline.csv: a report's figures for spreadsheets. The same bytes for the same
// scenario and seed: no real times are among them.
//
// Units stand in the names of the columns. A cell is empty if the figure does not apply, was not
// reached, or its policy did not run.
//
// Thread safety: free functions.
#pragma once

#include <string>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// One row a policy.
std::string PoliciesCsv(const Report& report);
// One row a policy and sample. O(policies * samples).
std::string TimelineCsv(const Report& report);

}  // namespace dcs::simulate
