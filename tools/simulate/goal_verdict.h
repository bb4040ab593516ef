// Judges policies by the scenario's goal, and recommends one.
//
// Thread safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// Sets PolicyReport::goal of each policy that completed. Delay is judged only if clients sent
// commands. If they sent none, a verdict notes it, and a policy has no verdict if delay is the only
// limit. REQUIRES: report.goal.
void JudgeGoal(Report& report);

// "at most 128.0 MiB stale, at most 15.0 % of the CPU at any time".
std::string LimitsText(const Goal& goal);

// The limits that the policy breaks, in table words: "stale, CPU". Empty if none.
std::string BrokenLimits(const Goal& goal, const PolicyReport& policy);

// Recommends a policy. The first sentence names the cheapest policy within the goal, with its
// margin; if none is within it, the nearest one. Then follow the runners-up, and the limit that
// each other policy breaks.
//
// Cost: the CPU time of reclamation, then the mean stale memory. REQUIRES: JudgeGoal was called.
std::vector<std::string> Advice(const Report& report);

}  // namespace dcs::simulate
