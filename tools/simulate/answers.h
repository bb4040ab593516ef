// The sentences that answer a scenario's question, one function a measure.
//
// Thread safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// The first sentence answers the question by report.measure with figures; more may follow that belong
// to it. Never empty. Says so if no policy can be judged, or if there was nothing to measure.
// REQUIRES: JudgeGoal, if there is a goal.
std::vector<std::string> Answer(const Report& report);

}  // namespace dcs::simulate
