// The operations on instances.
//
// Source: the API pages named below. Thread safety: one thread, the one that serves the API.
// REQUIRES: if the path names an instance, the call has it.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

// CreateInstance. Answers the IDs at once; the instances are then CREATING. If instance_num is
// above 1, their names get the suffixes "-1", "-2", ... Errors: DCS.4004, DCS.4005, those of
// instance_body.h, DCS.4062 for a port in use, DCS.4060 for a name that exists, 500 DCS.5006 if the
// simulator has its maximum of instances.
Answer CreateInstance(const Call& call);

// ListInstances: oldest first; instance_num counts all matches. DCS.4062 for the query.
Answer ListInstances(const Call& call);

Answer ShowInstance(const Call& call);

// DeleteSingleInstance: 204; the instance is DELETING, then gone. DCS.4099 while CREATING or
// RESTARTING, DCS.4026 while FLUSHING or DELETING.
Answer DeleteInstance(const Call& call);

// RestartOrFlushInstances: reports for each instance whether the action has begun; it fails for one
// that is not RUNNING or does not exist. Errors: DCS.4004, DCS.4005, those of instance_body.h.
Answer ChangeInstances(const Call& call);

// ListGroupReplicationInfo. Its path has "instance"; all other paths have "instances".
Answer ListGroups(const Call& call);

}  // namespace dcs::rest
