// The operations on instances themselves.
//
// Source: the API pages named below. Thread safety: one thread, the one that serves the API.
// REQUIRES: where the path names an instance, the call has it.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

// CreateInstance. Answers the IDs at once; the instances are CREATING then. With instance_num above
// 1 their names get "-1", "-2", ... behind them. Errors: DCS.4004, DCS.4005, those of
// instance_body.h, DCS.4062 for a port that is taken, DCS.4060 for a name that exists, 500 DCS.5006
// if there are as many instances as the simulator may have.
Answer CreateInstance(const Call& call);

// ListInstances: oldest first; instance_num counts all that match. DCS.4062 for the query.
Answer ListInstances(const Call& call);

Answer ShowInstance(const Call& call);

// DeleteSingleInstance: 204; the instance is DELETING and then gone. DCS.4099 while CREATING or
// RESTARTING, DCS.4026 while FLUSHING or DELETING.
Answer DeleteInstance(const Call& call);

// RestartOrFlushInstances: says of each whether it has begun; it fails for one that is not RUNNING
// or not there. Errors: DCS.4004, DCS.4005, those of instance_body.h.
Answer ChangeInstances(const Call& call);

// ListGroupReplicationInfo. Its path has "instance" where the others have "instances".
Answer ListGroups(const Call& call);

}  // namespace dcs::rest
