// An instance's configuration parameters as the API takes and shows them.
//
// Source: the API pages of ListConfigurations and UpdateConfigurations.
// Thread safety: free functions without state.
#pragma once

#include <variant>

#include "api/registry.h"
#include "api/rest/errors.h"
#include "api/rest/json.h"

namespace dcs::rest {

// All parameters that the instance has.
Json ConfigJson(const api::Instance& instance);

// The changes in `body`: {"redis_config": [{"param_id", "param_name", "param_value"}, ...]}, all
// three text. Errors: DCS.4062 names a member that is missing or no text; DCS.4066 a parameter that
// the instance does not have, whose ID is another's, that occurs twice, or whose value is out of
// range.
std::variant<api::RedisParameters, ApiError> ParseConfigChanges(const Json& body,
                                                                const api::InstanceSpec& spec);

}  // namespace dcs::rest
