// Implements --set path=value: changes one value of a scenario.
//
// Thread safety: free functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace dcs::simulate {

// Empty if `assignment` has the form path=value and is UTF-8; otherwise the error.
std::string CheckAssignment(const std::string& assignment);

// Applies "load[0].keys=1000" or "policies.scan-10.label=ten". The path names an array element by
// its number or its "name". The value is parsed as JSON, otherwise it is a string. The last step
// may create a member of an object. Errors: kInvalidArgument if CheckAssignment refuses it, or the
// path does not exist.
absl::Status ApplySet(nlohmann::json& scenario, std::string_view assignment);

}  // namespace dcs::simulate
