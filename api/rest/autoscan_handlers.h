// The operations on an instance's automatic scans.
//
// Source: the API pages of UpdateExpireAutoScanConfig and ShowExpireAutoScanConfig.
// Thread safety: one thread, the one that serves the API. REQUIRES: the call has an instance.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

// DCS.4818 on Redis 3.0. Before anything was configured: the console's defaults, switched off.
Answer ShowAutoscanConfig(const Call& call);

// Answers the configuration as it then is. Errors: see autoscan_json.h; DCS.4004 and 4005 for the
// body, DCS.4818 on Redis 3.0, DCS.4049 where the instance is not RUNNING.
Answer UpdateAutoscanConfig(const Call& call);

}  // namespace dcs::rest
