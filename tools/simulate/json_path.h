// --set path=value: a place in a scenario, and what to put there.
//
// Thread safety: free functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace dcs::simulate {

// Empty if `assignment` has the form of path=value and is UTF-8; otherwise what is wrong.
std::string CheckAssignment(const std::string& assignment);

// Sets "load[0].keys=1000" or "policies.scan-10.label=ten": the path names an element of an array
// by its number or by its "name". The value is JSON, or else a string. The last step may be new in
// an object. Errors: kInvalidArgument for what CheckAssignment refuses, and for a path that leads
// nowhere.
absl::Status ApplySet(nlohmann::json& scenario, std::string_view assignment);

}  // namespace dcs::simulate
