#include "scanner/timer_map.h"

#include <algorithm>
#include <cassert>

#include "store/time/deadline.h"

namespace dcs::scanner {

TimerMap::TimerId TimerMap::Add(store::TimeMs due, std::function<void()> fn) {
  const TimerId id = ++last_id_;
  const auto added = timers_.emplace(Place{due, id}, std::move(fn)).first;
  try {
    due_.emplace(id, due);
  } catch (...) {
    timers_.erase(added);  // a timer that could not be cancelled must not run
    throw;
  }
  return id;
}

bool TimerMap::Cancel(TimerId timer) {
  const auto at = due_.find(timer);
  if (at == due_.end()) return false;
  timers_.erase({at->second, timer});
  due_.erase(at);
  return true;
}

std::optional<store::TimeMs> TimerMap::NextDue() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

TimerMap::Timer TimerMap::TakeFirst() {
  assert(!timers_.empty() && "TakeFirst: a timer must be pending");
  auto first = timers_.extract(timers_.begin());
  due_.erase(first.key().second);
  return {first.key().first, std::move(first.mapped())};
}

void TimerMap::Rebase(store::TimeMs from, store::TimeMs to) {
  std::map<Place, std::function<void()>> rebased;
  while (!timers_.empty()) {
    auto timer = timers_.extract(timers_.begin());
    store::TimeMs& due = timer.key().first;
    due = store::SaturatingAdd(to, std::max<int64_t>(due - from, 0));
    due_[timer.key().second] = due;  // exists: no allocation
    rebased.insert(std::move(timer));
  }
  timers_ = std::move(rebased);
}

}  // namespace dcs::scanner
