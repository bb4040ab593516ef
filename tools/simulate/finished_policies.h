// The policies that a report may compare, and the figures used to compare them.
//
// Policies that were stopped or never ran are not judged. The ideal is left out: nobody can choose
// it.
//
// Thread safety: free functions. Pointers are into the report, which must outlive them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

using Policies = std::vector<const PolicyReport*>;

// Whether the policy's figures count: it ran to the scenario's end.
bool IsJudged(const PolicyReport& policy);
// The judged policies without the ideal, in the scenario's order.
Policies FinishedPolicies(const Report& report);

// "completed", "stopped after 12 min", "not run".
std::string StateText(const PolicyReport& policy);
// "A", "A and B", "A, B and 3 more"; separated by "; " if a label holds a comma.
std::string LabelsOf(const Policies& policies, size_t at_most = 4);

// CPU time of all causes except commands, by the cost model.
double ReclamationSeconds(const PolicyReport& policy);
// Share of the reads that missed; absent if nothing was read.
std::optional<double> MissShare(const TrafficCounts& counts);
// Whether clients sent commands, so that delays exist.
bool HasDelays(const PolicyReport& policy);

// Duration of the policy's work: of its one scan if that finished, otherwise until all expired keys
// were released. Absent if the scan failed or still runs, or if expired keys are left.
std::optional<double> SecondsTaken(const PolicyReport& policy);
// Why SecondsTaken is absent: "the scan failed by its timeout".
std::string WhyNotDone(const PolicyReport& policy);

}  // namespace dcs::simulate
