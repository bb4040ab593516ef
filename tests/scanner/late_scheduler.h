// A scheduler whose timers fire when the test tells it to: late, as on a machine that was busy or
// asleep.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "scanner/scheduler.h"

namespace dcs::scanner {

// As in the server, timers follow elapsed time, not the clock: JumpClock brings no timer closer.
class LateScheduler final : public Scheduler {
 public:
  explicit LateScheduler(store::VirtualClock& clock) : clock_(clock) {}
  TimerId After(int64_t delay_ms, std::function<void()> fn) override {
    timers_[++last_id_] = {passed_ + std::max<int64_t>(delay_ms, 0), std::move(fn)};
    return last_id_;
  }
  void Cancel(TimerId timer) override { timers_.erase(timer); }
  const store::Clock& clock() const override { return clock_; }
  int64_t ElapsedMs() const override { return passed_; }

  // Lets time pass until the clock shows `time`. Then runs all due timers, including those they
  // add, while the clock stands still. Returns the number of timers run.
  size_t RunAllDueAt(store::TimeMs time) {
    passed_ += time - clock_.Now();
    clock_.AdvanceTo(time);
    size_t ran = 0;
    for (auto at = timers_.begin(); at != timers_.end();) {
      if (at->second.due > passed_) {
        ++at;
        continue;
      }
      const std::function<void()> fn = std::move(at->second.fn);
      timers_.erase(at);
      fn();
      ++ran;
      at = timers_.begin();
    }
    return ran;
  }
  // Like RunAllDueAt, but in steps of one millisecond, so that each timer runs on time.
  void RunUntil(store::TimeMs time) {
    while (clock_.Now() < time) RunAllDueAt(clock_.Now() + 1);
  }
  void JumpClock(int64_t ms) { clock_.AdvanceTo(clock_.Now() + ms); }
  // Lets time pass while the clock stands still, like a system clock that was set back.
  void PassWithoutClock(int64_t ms) {
    for (; ms > 0; --ms) {
      ++passed_;
      RunAllDueAt(clock_.Now());
    }
  }

 private:
  struct Timer {
    int64_t due = 0;
    std::function<void()> fn;
  };
  store::VirtualClock& clock_;
  int64_t passed_ = 0;
  std::map<TimerId, Timer> timers_;
  TimerId last_id_ = 0;
};

}  // namespace dcs::scanner
