// Validates a scenario file against tools/scenarios/scenario.schema.json and locates the first
// error.
//
// Thread safety: free functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "absl/status/status.h"

namespace dcs::simulate {

// The schema's text, compiled in.
std::string_view SchemaText();

// kInvalidArgument names the path, the value found and what was expected.
absl::Status CheckSchema(const nlohmann::json& scenario);

}  // namespace dcs::simulate
