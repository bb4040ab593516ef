// The expired key scan's operations.
//
// Source: the API pages of CreateAutoExpireScanTask, ScanExpireKey and ShowExpireKeyScanInfo.
// Thread safety: one thread, the one that serves the API. REQUIRES: the call has an instance.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

// Accepts a scan, waiting; it is listed in the histories from then on. Serves both names that the
// API has for it. DCS.4818 on Redis 3.0, DCS.4049 where the instance is not RUNNING, DCS.4017 where as
// many wait as may. A body is not asked for and not looked at.
Answer CreateScan(const Call& call);

// A page of the scans, newest first. Query: offset (0 or more, default 0; past the end the records
// are empty), limit (1 to 1,000, default 10), status (a scan's status; default all).
// DCS.4818 on Redis 3.0, DCS.4062 for a value out of range.
Answer ShowScanHistories(const Call& call);

}  // namespace dcs::rest
