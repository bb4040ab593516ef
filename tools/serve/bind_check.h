// Checks that a server reachable from other machines is protected.
//
// A server on a loopback address serves this machine only, so it may start with default secrets or
// none. On any other address it starts only if each of its three fronts (/_sim, the DCS API, Redis)
// has a secret chosen by the user. --insecure-bind disables the check.
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

// What anyone who reaches the server may do, one sentence per entry; empty if nothing. A default
// secret, which the README prints, counts as none.
std::vector<std::string> OpenFronts(const ServeOptions& options, const rest::AccessList& access);

// Errors: kInvalidArgument as IsLoopbackBind; kFailedPrecondition, with every reason, if
// `options.bind` is not loopback, a front is open and --insecure-bind is not given. Logs a warning
// for each open front if --insecure-bind is given, and for secrets sent without TLS.
absl::Status CheckBind(const ServeOptions& options, const rest::AccessList& access);

// The same check for instances restored from a state directory; their passwords override
// --password. The instance of --instance-id must have a password. Other instances, which the API
// may have made without one, only cause a warning.
absl::Status CheckRestoredInstances(const ServeOptions& options, const api::Registry& registry);

}  // namespace dcs::tools
