// The operations on the simulator's clock, under /_sim/clock: show it, advance it, set its rate.
//
// Errors: DCS.4062 names a parameter that is missing or out of range; SIM.0001 if the clock is the
// system's, which can only be shown; SIM.0002 for too many concurrent advances.
// Thread safety: one thread, the one that serves the API.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

Answer ShowClock(const Call& call);

// Query: ms (0 to 31 days). Awaited: answers after everything due in that time has run, with the
// new time. `reached` is false if the simulator ended or was reset before. An advance requested
// during another one starts where that one ends.
Answer AdvanceClock(const Call& call);

// Query: rate (0 to 100,000), milliseconds of the clock per real millisecond; 0 stops the clock.
Answer SetClockRate(const Call& call);

}  // namespace dcs::rest
