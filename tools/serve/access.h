// Who may use the API, as the command line or the file that it names says.
#pragma once

#include "absl/status/statusor.h"
#include "api/rest/access_list.h"
#include "tools/serve/serve_options.h"

namespace dcs::tools {

// The access file's list if one is given; otherwise the one key, user and token of the options, all
// with full access. On an address that other machines reach, secrets that are the program's
// defaults are left out, unless --insecure-bind is given: everybody knows them. Errors: as
// rest::ReadAccessFile, and kInvalidArgument if the bind address is not an IP address.
absl::StatusOr<rest::AccessList> AccessFrom(const ServeOptions& options);

}  // namespace dcs::tools
