// The operations on an instance's automatic scans.
//
// Source: the API pages of UpdateExpireAutoScanConfig and ShowExpireAutoScanConfig.
// Thread safety: one thread, the one that serves the API. REQUIRES: the call has an instance.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

// DCS.4818 on Redis 3.0. Before the first configuration it returns the console's defaults, switched
// off.
Answer ShowAutoscanConfig(const Call& call);

// Answers with the new configuration. Errors: those of autoscan_json.h; DCS.4004 and DCS.4005 for
// the body, DCS.4818 on Redis 3.0, DCS.4049 if the instance is not RUNNING.
Answer UpdateAutoscanConfig(const Call& call);

}  // namespace dcs::rest
