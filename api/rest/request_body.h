// What a client put into a request's body, read with care.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "api/rest/errors.h"
#include "api/rest/http_message.h"
#include "api/rest/json.h"

namespace dcs::rest {

// The body as a JSON object. Errors: DCS.4004 where there is none, DCS.4005 where it is not JSON in
// UTF-8, no object, or nested more than 32 deep (no request of the API's is). Of members with one
// name the last counts.
std::variant<Json, ApiError> ParseBody(const HttpRequest& request);

// The member; nullptr where it is absent or null: the API does not tell those apart.
const Json* FindMember(const Json& object, const char* name);

// The member's value where it has the type. Integers within `min` and `max` only; 1.0 is none.
std::optional<int64_t> AsInteger(const Json& value, int64_t min, int64_t max);

}  // namespace dcs::rest
