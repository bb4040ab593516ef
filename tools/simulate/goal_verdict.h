// Judges policies by the scenario's goal, and advises which to take.
//
// Thread safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// Fills in PolicyReport::goal of each policy that completed. Delay is judged only if clients sent
// commands: without them a verdict says so, and a policy has no verdict if delay is the only limit.
// REQUIRES: report.goal.
void JudgeGoal(Report& report);

// "at most 128.0 MiB stale, at most 15.0 % of the CPU at any time".
std::string LimitsText(const Goal& goal);

// The limits that the policy breaks, in the words of a table: "stale, CPU". Empty if none.
std::string BrokenLimits(const Goal& goal, const PolicyReport& policy);

// Sentences. The first names the policy within the goal that costs least, with its margin; if none is
// within it, the nearest. Then the runners-up, and which limit each other policy breaks.
//
// Cost: the CPU that reclamation takes, then the mean stale memory. REQUIRES: JudgeGoal.
std::vector<std::string> Advice(const Report& report);

}  // namespace dcs::simulate
