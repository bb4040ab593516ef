// --set path=value: a place in a scenario, and what to put there.
//
// Thread safety: free functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/status/status.h"

namespace dcs::simulate {

// "load[0].keys=1000" or "policies.scan-10.label=ten": an element of an array is named by its number
// or by its "name". The value is JSON, or else a string. The last step may be new in an object.
// kInvalidArgument says where the path leads nowhere.
absl::Status ApplySet(nlohmann::json& scenario, std::string_view assignment);

}  // namespace dcs::simulate
