// Things to be done later: the one way in which scanner code waits.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "store/time/clock.h"

namespace dcs::scanner {

// Runs functions after a delay, one at a time, in the order in which they fall due (those due at
// the same millisecond in the order in which they were asked for). Implementations: EventQueue
// under the virtual clock, api::AsioScheduler in the server.
//
// Thread safety: After and Cancel are called on the thread that runs the functions, or before it
// starts. Whether other threads may call Post is the implementation's: see there.
class Scheduler {
 public:
  using TimerId = uint64_t;  // never 0

  virtual ~Scheduler() = default;
  // `delay_ms` below 0 counts as 0; a delay of 0 still runs after the caller has returned.
  virtual TimerId After(int64_t delay_ms, std::function<void()> fn) = 0;
  // A timer that has run, is running or was cancelled is left alone.
  virtual void Cancel(TimerId timer) = 0;
  // Runs `fn` soon, on the thread that runs the functions. The schedulers of the server take it
  // from any thread; the default implementation takes it on the thread of After only.
  virtual void Post(std::function<void()> fn) { After(0, std::move(fn)); }
  virtual const store::Clock& clock() const = 0;
  // Milliseconds from any start, which pass as the timers' delays do. Unlike the clock it is not
  // affected by a change of the system's time, so it is what durations are measured with.
  virtual int64_t ElapsedMs() const { return clock().Now(); }
};

}  // namespace dcs::scanner
