// The simulator's time: show it, move it ahead, set how fast it passes. Under /_sim/clock.
//
// Errors: DCS.4062 names a parameter that is missing or out of range; SIM.0001 where the clock is
// the system's, which only can be shown; SIM.0002 for too many advances at once.
// Thread safety: one thread, the one that serves the API.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

Answer ShowClock(const Call& call);

// Query: ms (0 to 31 days). Awaited: answers when everything due on the way has run, and with the
// time then; `reached` is false where the simulator ended or was reset before. One asked for while
// another is under way starts where that ends.
Answer AdvanceClock(const Call& call);

// Query: rate (0 to 100,000), how many milliseconds pass in a real one; 0: time stands still.
Answer SetClockRate(const Call& call);

}  // namespace dcs::rest
