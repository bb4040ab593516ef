// The operations on an instance's configuration parameters.
//
// Source: the API pages of ListConfigurations and UpdateConfigurations.
// Thread safety: one thread, the one that serves the API. REQUIRES: the call has an instance.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

Answer ListConfigurations(const Call& call);

// 204; all changes have taken effect then, or none. Errors: DCS.4004 and 4005 for the body; those of
// config_json.h; where the instance is not RUNNING DCS.4118 (it is being created), DCS.4111 (it is
// restarting) or DCS.4026.
Answer UpdateConfigurations(const Call& call);

}  // namespace dcs::rest
