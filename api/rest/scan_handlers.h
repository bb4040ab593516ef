// The operations on expired key scans.
//
// Source: the API pages of CreateAutoExpireScanTask, ScanExpireKey and ShowExpireKeyScanInfo.
// Thread safety: one thread, the one that serves the API. REQUIRES: the call has an instance.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

// Creates a scan, which waits and is listed in the histories from now on. Serves both names of the
// operation. DCS.4818 on Redis 3.0, DCS.4049 if the instance is not RUNNING, DCS.4017 if the
// maximum number of scans waits. A body is ignored.
Answer CreateScan(const Call& call);

// A page of the scans, newest first. Query: offset (0 or more, default 0; past the end there are no
// records), limit (1 to 1,000, default 10), status (default: all).
// DCS.4818 on Redis 3.0, DCS.4062 for a value out of range.
Answer ShowScanHistories(const Call& call);

}  // namespace dcs::rest
