// What a schema cannot say of a scenario: names that belong together, bounds in order, what fits in
// memory and in a lifetime. Every message names the path, what stood there and what was expected.
//
// Thread safety: free functions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "absl/status/status.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

// Control characters in what is shown as one line, whole numbers too large for 64 bits.
// REQUIRES: CheckSchema found nothing.
absl::Status CheckValues(const nlohmann::json& scenario);
// Bounds the wrong way round, of every distribution. REQUIRES: CheckSchema found nothing.
absl::Status CheckDistributions(const nlohmann::json& scenario);
// Names given twice, or to nothing. REQUIRES: CheckSchema found nothing.
absl::Status CheckNames(const nlohmann::json& scenario);
// Sizes, times and amounts: what would not end, or hold more than memory_limit_mib.
absl::Status CheckScenario(const Scenario& scenario);

}  // namespace dcs::simulate
