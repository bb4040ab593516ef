// The values that the service accepts for an instance's settings.
//
// Sources: the API page of CreateInstance and the error codes' page.
// Thread safety: free functions without state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/rest/errors.h"
#include "api/rest/json.h"

namespace dcs::rest {

// 8 to 32 characters of at least three of four classes: lower case, upper case, digits and the
// service's list of special characters. Other characters are not allowed.
bool IsStrongPassword(std::string_view password);

// "22:00" or "22:00:00", a full hour of the day, as "22:00:00"; nullopt for anything else.
std::optional<std::string> FullHour(std::string_view text);

// Whether a maintenance window has valid ends: the service accepts one hour or four. REQUIRES: both
// were returned by FullHour.
bool IsMaintenanceWindow(std::string_view begin, std::string_view end);

// Checks the existing members of a backup policy. REQUIRES: `policy` is an object. Errors: DCS.4072
// to 4076.
std::optional<ApiError> CheckBackupPolicy(const Json& policy);

}  // namespace dcs::rest
