// Reads scenario files and refuses invalid ones before anything runs.
//
// Errors are kInvalidArgument and name the path, the value found and what was expected.
// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

struct ScenarioOverrides {
  std::optional<uint64_t> seed;
  std::vector<std::string> set;  // "load[0].keys=1000", "policies.scan-10.label=ten"
};

absl::StatusOr<Scenario> ParseScenario(std::string_view text, const ScenarioOverrides& overrides);

}  // namespace dcs::simulate
