// The sentences of a report.
//
// Thread safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// The first sentence answers the scenario's question with figures (answers.h). Then follow the
// policies that did not finish, the rate of expiry, published figures beside the simulated ones,
// and the policies with the least and the most stale memory and delay. REQUIRES: JudgeGoal was
// called if there is a goal.
std::vector<std::string> Conclude(const Report& report);

}  // namespace dcs::simulate
