// The sentences that answer a scenario's question, one function a measure.
//
// Thread safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// Answers the question by report.measure. The first sentence answers it with figures; more may
// follow. Never empty: if no policy can be judged or there was nothing to measure, a sentence
// states that. REQUIRES: JudgeGoal was called if there is a goal.
std::vector<std::string> Answer(const Report& report);

}  // namespace dcs::simulate
