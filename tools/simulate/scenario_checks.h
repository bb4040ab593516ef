// Checks of a scenario beyond the schema: references between names, the order of bounds, memory and
// run time. Every message names the path, the value found and what was expected.
//
// Thread safety: free functions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "absl/status/status.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

// Refuses control characters in one-line texts, and whole numbers of more than 64 bits.
// REQUIRES: CheckSchema passed.
absl::Status CheckValues(const nlohmann::json& scenario);
// Refuses reversed bounds of distributions. REQUIRES: CheckSchema passed.
absl::Status CheckDistributions(const nlohmann::json& scenario);
// Refuses duplicate and unknown names. REQUIRES: CheckSchema passed.
absl::Status CheckNames(const nlohmann::json& scenario);
// Refuses sizes, times and amounts that would not end or would exceed memory_limit_mib.
absl::Status CheckScenario(const Scenario& scenario);

}  // namespace dcs::simulate
