// The access list of the API, from the command line or from the file that it names.
#pragma once

#include "absl/status/statusor.h"
#include "api/rest/access_list.h"
#include "tools/serve/serve_options.h"

namespace dcs::tools {

// Returns the access file's list if one is given; otherwise the key, user and token of the options,
// all with full access. On an address that other machines can reach, the program's default secrets
// are left out, because everybody knows them, unless --insecure-bind is given. Errors: those of
// rest::ReadAccessFile; kInvalidArgument if the bind address is not an IP address.
absl::StatusOr<rest::AccessList> AccessFrom(const ServeOptions& options);

}  // namespace dcs::tools
