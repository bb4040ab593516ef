// The JSON of an instance's configuration parameters, in requests and answers.
//
// Source: the API pages of ListConfigurations and UpdateConfigurations.
// Thread safety: free functions without state.
#pragma once

#include <variant>

#include "api/registry.h"
#include "api/rest/errors.h"
#include "api/rest/json.h"

namespace dcs::rest {

// All parameters of the instance.
Json ConfigJson(const api::Instance& instance);

// The changes in `body`: {"redis_config": [{"param_id", "param_name", "param_value"}, ...]}; all
// three are text. Errors: DCS.4062 names a member that is missing or not text. DCS.4066 names a
// parameter that the instance does not have, has another ID, occurs twice, or has a value out of
// range.
std::variant<api::RedisParameters, ApiError> ParseConfigChanges(const Json& body,
                                                                const api::InstanceSpec& spec);

}  // namespace dcs::rest
