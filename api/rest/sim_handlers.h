// The simulator's own operations, under /_sim/: what the cloud would not tell.
//
// With --sim-token each of them asks for that token (sim_token.h); without it, for nothing.
// Those about an instance take ?instance_id=; without it they are about all instances.
// Errors: DCS.4062 names a missing parameter, DCS.4061 and DCS.3022 as everywhere.
// Thread safety: one thread, the one that serves the API.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

// That the simulator runs, its time, and its instances. The status is "ok", or "degraded" with the
// reason while changes cannot be written to --state-dir.
Answer ShowHealth(const Call& call);

// The exact number of keys and bytes, including expired ones, of all nodes of the instances
// together. Deferred; O(slots).
Answer ShowCensus(const Call& call);

// POST /_sim/sweep: a fast sweep (scanner/fast_sweep.h) of the instances' nodes, one node after the
// other. Answers with the totals of keys and time. Deferred. Query: threads (1 to 64, default 1);
// DCS.4062 for another value. It is in no history, because the cloud has no such scan.
Answer FastSweep(const Call& call);

// Writes the keys of the instances to --state-dir, and says how many keys and bytes that were and
// what it took. An instance that is deleted meanwhile is left out. Deferred. 404 DCS.4001 without
// --state-dir, 500 DCS.5000 if the keys cannot be written; the log says why.
Answer SaveSnapshot(const Call& call);

// How far the scan ?id= has come, of whatever instance it is. DCS.4070 if that is no UUID, 404
// DCS.4001 if there is no such scan.
Answer ShowScanProgress(const Call& call);

// Brings the started state back: the instances as they were started, on their ports, without keys,
// histories, automatic scans or changed configurations; no key locked, no token valid. The clock
// goes back to its start where it can be moved. Redis clients are disconnected, as by a restart, so
// that none carries its state (database, password, subscriptions) into what comes next. Awaited:
// milliseconds, whatever the number of keys; their memory is freed behind. SIM.0003 where an
// instance's port cannot be listened on any more.
Answer Reset(const Call& call);

}  // namespace dcs::rest
