// report.csv and timeline.csv: a report's figures for spreadsheets. The same scenario and seed give
// the same bytes: the files hold no real times.
//
// Column names contain the units. A cell is empty if the figure does not apply or was not reached,
// or if its policy did not run.
//
// Thread safety: free functions.
#pragma once

#include <string>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// One row per policy.
std::string PoliciesCsv(const Report& report);
// One row per policy and sample. O(policies * samples).
std::string TimelineCsv(const Report& report);

}  // namespace dcs::simulate
