// The policies that a report may compare, and the figures by which it does.
//
// A policy that was stopped or never ran is judged by nothing. The ideal is no policy that one could
// choose, so it is left out too.
//
// Thread safety: free functions. Pointers are into the report, which must outlive them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

using Policies = std::vector<const PolicyReport*>;

// Whether its figures count: it ran to the scenario's end.
bool IsJudged(const PolicyReport& policy);
// Those that are judged, without the ideal, in the scenario's order.
Policies FinishedPolicies(const Report& report);

// "completed", "stopped after 12 min", "not run".
std::string StateText(const PolicyReport& policy);
// "A", "A and B", "A, B and 3 more"; with "; " between them if a label holds a comma.
std::string LabelsOf(const Policies& policies, size_t at_most = 4);

// CPU time of all causes but commands, by the cost model.
double ReclamationSeconds(const PolicyReport& policy);
// What commands missed of what they read; absent if nothing was read.
std::optional<double> MissShare(const TrafficCounts& counts);
// Whether clients sent commands, so that there are delays to judge.
bool HasDelays(const PolicyReport& policy);

// How long the policy took for its work: its one scan if that finished, else until all that had expired
// was released. Absent if the scan failed or still runs, or if keys are left.
std::optional<double> SecondsTaken(const PolicyReport& policy);
// Why SecondsTaken is absent: "the scan failed by its timeout".
std::string WhyNotDone(const PolicyReport& policy);

}  // namespace dcs::simulate
