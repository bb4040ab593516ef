// The scheduler of the virtual clock. It runs events in the order of their due times, as fast as
// the machine can, and sets the clock to the due time of each event.
//
//   store::VirtualClock clock(0);
//   EventQueue events(clock);
//   events.After(3'600'000, [] { ... });
//   events.Advance(7'200'000);   // runs it with clock.Now() == 3'600'000, then sets two hours
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "scanner/scheduler.h"
#include "scanner/timer_map.h"
#include "store/time/clock.h"
#include "store/time/deadline.h"

namespace dcs::scanner {

class EventQueue final : public Scheduler {
 public:
  // `clock` must outlive the queue. Nothing else may move it.
  explicit EventQueue(store::VirtualClock& clock) : clock_(clock) {}

  TimerId After(int64_t delay_ms, std::function<void()> fn) override;
  void Cancel(TimerId timer) override { events_.Cancel(timer); }
  const store::Clock& clock() const override { return clock_; }

  // Runs the events due up to and including `time`, each at its due time, including events added
  // during the call. Then sets the clock to `time`. Returns the number of events run.
  size_t RunUntil(store::TimeMs time);
  size_t Advance(int64_t ms) { return RunUntil(store::SaturatingAdd(clock_.Now(), ms)); }
  // When the next event falls due, so that a driver can jump there; nullopt if none is pending.
  std::optional<store::TimeMs> NextEvent() const { return events_.NextDue(); }

 private:
  store::VirtualClock& clock_;
  TimerMap events_;
};

}  // namespace dcs::scanner
