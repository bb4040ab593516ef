// Checked values of a query string.
//
// Thread safety: free functions without state. Errors name the parameter: DCS.4062.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "api/rest/errors.h"
#include "api/rest/http_message.h"

namespace dcs::rest {

// The parameter as a decimal number from `min` to `max`; `fallback` if it is absent. Signs, spaces
// and empty values are errors. A parameter that occurs twice is an error, because it is ambiguous.
std::variant<int64_t, ApiError> QueryNumber(const HttpRequest& request, std::string_view name,
                                            int64_t min, int64_t max, int64_t fallback);

// The mandatory parameter as a decimal number from `min` to `max`, such as 60 or 0.5, without sign
// or exponent.
std::variant<double, ApiError> QueryDecimal(const HttpRequest& request, std::string_view name,
                                            double min, double max);

}  // namespace dcs::rest
