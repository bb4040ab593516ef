// Reads who may use the API from a JSON file:
//
//   {
//     "access_keys": [{"access_key": "AK", "secret_key": "SK", "role": "full"}],
//     "users": [{"name": "operator", "password": "secret", "role": "read-only"}],
//     "tokens": [{"token": "fixed", "role": "none"}]
//   }
//
// Each list may be left out, not all three. "role" is a row of access_list.cc's table, "full" where
// it is left out. Nothing else may stand in the file: a misspelt member must not go unnoticed.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/rest/access_list.h"

namespace dcs::rest {

// Errors: kInvalidArgument, which names where it stood, what was found there and what was expected:
//   access_keys[1].role: found "admin", expected full, read-only, none or blocked
// Secrets are never quoted.
absl::StatusOr<AccessList> ParseAccess(std::string_view text);

// Errors: as ParseAccess, and kNotFound where the file cannot be read; they begin with its name.
absl::StatusOr<AccessList> ReadAccessFile(const std::string& path);

}  // namespace dcs::rest
