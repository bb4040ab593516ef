// The pending timers of a scheduler, ordered by due time. Base of the schedulers whose clock the
// program moves: EventQueue and api::SteeredScheduler.
//
//   TimerMap timers;
//   const TimerId id = timers.Add(now + 100, [] { ... });
//   while (timers.NextDue() <= now) timers.TakeFirst().fn();
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "scanner/scheduler.h"
#include "store/time/clock.h"

namespace dcs::scanner {

class TimerMap {
 public:
  using TimerId = Scheduler::TimerId;
  struct Timer {
    store::TimeMs due = 0;
    std::function<void()> fn;
  };

  // Timers of the same millisecond run in the order in which they were added. O(log timers).
  TimerId Add(store::TimeMs due, std::function<void()> fn);
  // Returns whether the timer was pending. O(log timers).
  bool Cancel(TimerId timer);

  bool empty() const { return timers_.empty(); }
  // When the first timer falls due; nullopt if there is none. O(1).
  std::optional<store::TimeMs> NextDue() const;
  // Removes the first timer and returns it. REQUIRES: a timer is pending.
  Timer TakeFirst();

  // Moves all timers from a clock that shows `from` to one that shows `to`. A timer due in 5 s is
  // still due in 5 s; an overdue timer becomes due at `to`. Keeps the order of the IDs. O(timers).
  void Rebase(store::TimeMs from, store::TimeMs to);

 private:
  using Place = std::pair<store::TimeMs, TimerId>;  // IDs grow, so ties keep the order of Add

  TimerId last_id_ = 0;
  std::map<Place, std::function<void()>> timers_;
  std::unordered_map<TimerId, store::TimeMs> due_;  // of each timer in timers_
};

}  // namespace dcs::scanner
