// Reads the API's access list from a JSON file:
//
//   {
//     "access_keys": [{"access_key": "AK", "secret_key": "SK", "role": "full"}],
//     "users": [{"name": "operator", "password": "secret", "role": "read-only"}],
//     "tokens": [{"token": "fixed", "role": "none"}]
//   }
//
// At least one list must be present. "role" is a row of access_list.cc's table, by default "full".
// Unknown members are errors, so that a misspelt one does not go unnoticed.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/rest/access_list.h"

namespace dcs::rest {

// Errors: kInvalidArgument, which names the place, the value found and what was expected:
//   access_keys[1].role: found "admin", expected full, read-only, none or blocked
// Messages never quote secrets.
absl::StatusOr<AccessList> ParseAccess(std::string_view text);

// Errors: those of ParseAccess, and kNotFound if the file cannot be read. They begin with its name.
absl::StatusOr<AccessList> ReadAccessFile(const std::string& path);

}  // namespace dcs::rest
