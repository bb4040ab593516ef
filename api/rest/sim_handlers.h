// The simulator's own operations, under /_sim/, which the cloud does not have.
//
// With --sim-token each of them requires that token (sim_token.h); otherwise none. Operations on an
// instance take ?instance_id=; without it they apply to all instances. Errors: DCS.4062 names a
// missing parameter; DCS.4061 and DCS.3022 as in other operations.
// Thread safety: one thread, the one that serves the API.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

// The simulator's status, time and instances. The status is "ok", or "degraded" with the reason
// while changes cannot be written to --state-dir.
Answer ShowHealth(const Call& call);

// The exact number of keys and bytes, including expired ones, of all nodes of the instances
// together. Deferred; O(slots).
Answer ShowCensus(const Call& call);

// POST /_sim/sweep: a fast sweep (scanner/fast_sweep.h) of the instances' nodes, one node at a
// time. Answers with the totals of keys and time. Deferred. Query: threads (1 to 64, default 1);
// DCS.4062 for another value. The histories do not list it, because the cloud has no such scan.
Answer FastSweep(const Call& call);

// Writes the keys of the instances to --state-dir and reports the number of keys, bytes and the
// time taken. An instance deleted meanwhile is left out. Deferred. 404 DCS.4001 without
// --state-dir, 500 DCS.5000 if the keys cannot be written; the log has the reason.
Answer SaveSnapshot(const Call& call);

// The progress of the scan ?id=, in any instance. DCS.4070 if the ID is not a UUID, 404 DCS.4001 if
// no such scan exists.
Answer ShowScanProgress(const Call& call);

// Restores the initial state: the initial instance on its port, without keys, histories, automatic
// scans or changed configurations; no key is locked and no token valid. A movable clock returns to
// its start. Redis clients are disconnected, as by a restart, so that their connection state
// (database, password, subscriptions) does not survive. Awaited: takes milliseconds for any number
// of keys, whose memory is freed afterwards. SIM.0003 if an instance's port is no longer available.
Answer Reset(const Call& call);

}  // namespace dcs::rest
