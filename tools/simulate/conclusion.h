// What a report says in words.
//
// Thread safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// Whether each policy does what is asked. REQUIRES: report.goal.
void JudgeGoal(Report& report);

// Sentences, the most important first: the cheapest policy that meets the goal, with the figures
// behind it; how fast keys expire; published figures beside these; who is quickest and who never ends.
std::vector<std::string> Conclude(const Report& report);

}  // namespace dcs::simulate
