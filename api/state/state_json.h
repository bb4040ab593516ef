// An instance's state as JSON: one table of what there is to remember.
//
// A new kind of state is one member of api::InstanceState and one row of the table in state_json.cc.
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "api/instance_state.h"

namespace dcs::state {

// One line of JSON. Bytes that are not UTF-8 become U+FFFD.
std::string InstanceStateToJson(const api::InstanceState& state);

// An array of such. Errors: kDataLoss, saying what was found and what was expected.
absl::StatusOr<std::vector<api::InstanceState>> InstanceStatesFromJson(std::string_view json);

}  // namespace dcs::state
