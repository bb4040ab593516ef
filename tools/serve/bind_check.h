// Checks that a server which others can reach is protected.
//
// A server on a loopback address serves this machine only, so it starts with default secrets or
// none. On any other address it starts only if each of its three fronts has a secret of the user's
// own: /_sim, the DCS API, and Redis. --insecure-bind starts it all the same.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/registry.h"
#include "api/rest/access_list.h"
#include "tools/serve/serve_options.h"

namespace dcs::tools {

// Whether only this machine can reach the address. Errors: kInvalidArgument if `bind` is not an IP
// address.
absl::StatusOr<bool> IsLoopbackBind(const std::string& bind);

// What everybody who reaches the server may do, one sentence an entry; empty if nothing. A secret
// of the program's defaults, which this program's README prints, counts as none.
std::vector<std::string> OpenFronts(const ServeOptions& options, const rest::AccessList& access);

// Errors: kInvalidArgument as IsLoopbackBind; kFailedPrecondition if `options.bind` is not loopback,
// something is open and --insecure-bind is not given, with every reason. Logs warnings about what
// is open if --insecure-bind is given, and about secrets that travel without TLS.
absl::Status CheckBind(const ServeOptions& options, const rest::AccessList& access);

// The same for instances that a state directory brought back, whose passwords count more than
// --password. The instance of --instance-id must have a password; others, which the API may have
// made without one, only lead to a warning.
absl::Status CheckRestoredInstances(const ServeOptions& options, const api::Registry& registry);

}  // namespace dcs::tools
