// The operations on an instance's configuration parameters.
//
// Source: the API pages of ListConfigurations and UpdateConfigurations.
// Thread safety: one thread, the one that serves the API. REQUIRES: the call has an instance.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

Answer ListConfigurations(const Call& call);

// 204 after all changes have taken effect; otherwise none has. Errors: DCS.4004 and DCS.4005 for
// the body; those of config_json.h; if the instance is not RUNNING, DCS.4118 (being created),
// DCS.4111 (restarting) or DCS.4026.
Answer UpdateConfigurations(const Call& call);

}  // namespace dcs::rest
