// Who may use the API, as the command line or the file that it names says.
#pragma once

#include "absl/status/statusor.h"
#include "api/rest/access_list.h"
#include "tools/serve_options.h"

namespace dcs::tools {

// The access file's list where one is given; otherwise the one key, user and token of the options,
// all with full access. Errors: as rest::ReadAccessFile.
absl::StatusOr<rest::AccessList> AccessFrom(const ServeOptions& options);

}  // namespace dcs::tools
