// What a report says in words.
//
// Thread safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// Sentences. The first answers the scenario's question with figures (answers.h); then come the policies
// that did not finish, how fast keys expire, published figures beside the simulated ones, and the
// policies with the least and the most stale memory and delay. REQUIRES: JudgeGoal, if there is a goal.
std::vector<std::string> Conclude(const Report& report);

}  // namespace dcs::simulate
