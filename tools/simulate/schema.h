// Whether a scenario file is what tools/scenarios/scenario.schema.json says, and if not, where.
//
// Thread safety: free functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "absl/status/status.h"

namespace dcs::simulate {

// The schema's text, as it was when the program was built.
std::string_view SchemaText();

// kInvalidArgument names the path, what stands there and what was expected.
absl::Status CheckSchema(const nlohmann::json& scenario);

}  // namespace dcs::simulate
