// Timers: the only way in which scanner code waits.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "store/time/clock.h"

namespace dcs::scanner {

// Runs functions after a delay, one at a time, ordered by due time. Functions due at the same
// millisecond run in the order of their After calls. Implementations: EventQueue under the virtual
// clock, api::AsioScheduler in the server.
//
// Thread safety: After and Cancel are called on the thread that runs the functions, or before it
// starts. Whether other threads may call Post is the implementation's: see there.
class Scheduler {
 public:
  using TimerId = uint64_t;  // never 0

  virtual ~Scheduler() = default;
  // Runs `fn` after `delay_ms`. Negative delays count as 0. A delay of 0 runs after the caller
  // returns.
  virtual TimerId After(int64_t delay_ms, std::function<void()> fn) = 0;
  // Does nothing if the timer has run, is running or was cancelled.
  virtual void Cancel(TimerId timer) = 0;
  // Runs `fn` soon, on the thread that runs the functions. The schedulers of the server take it
  // from any thread; the default implementation takes it on the thread of After only.
  virtual void Post(std::function<void()> fn) { After(0, std::move(fn)); }
  virtual const store::Clock& clock() const = 0;
  // Elapsed milliseconds from any epoch, at the rate of the timers' delays. A change of the
  // system's time does not affect it, so durations are measured with it.
  virtual int64_t ElapsedMs() const { return clock().Now(); }
};

}  // namespace dcs::scanner
