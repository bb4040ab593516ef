#include "scanner/event_queue.h"

#include <algorithm>
#include <utility>

namespace dcs::scanner {

Scheduler::TimerId EventQueue::After(int64_t delay_ms, std::function<void()> fn) {
  const int64_t delay = std::max<int64_t>(delay_ms, 0);
  return events_.Add(store::SaturatingAdd(clock_.Now(), delay), std::move(fn));
}

size_t EventQueue::RunUntil(store::TimeMs time) {
  size_t ran = 0;
  while (!events_.empty() && *events_.NextDue() <= time) {
    const TimerMap::Timer event = events_.TakeFirst();
    clock_.AdvanceTo(event.due);
    event.fn();
    ++ran;
  }
  clock_.AdvanceTo(std::max(time, clock_.Now()));
  return ran;
}

}  // namespace dcs::scanner
