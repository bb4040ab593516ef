#include "scanner/event_queue.h"

#include <algorithm>

#include "store/time/deadline.h"

namespace dcs::scanner {

Scheduler::TimerId EventQueue::After(int64_t delay_ms, std::function<void()> fn) {
  const store::TimeMs now = clock_.Now();
  const store::TimeMs due = store::SaturatingAdd(now, std::max<int64_t>(delay_ms, 0));
  const TimerId id = ++last_id_;
  events_.emplace(Place{due, id}, std::move(fn));
  due_.emplace(id, due);
  return id;
}

void EventQueue::Cancel(TimerId timer) {
  const auto at = due_.find(timer);
  if (at == due_.end()) return;
  events_.erase({at->second, timer});
  due_.erase(at);
}

size_t EventQueue::RunUntil(store::TimeMs time) {
  size_t ran = 0;
  while (!events_.empty() && events_.begin()->first.first <= time) {
    auto event = events_.extract(events_.begin());
    due_.erase(event.key().second);
    clock_.AdvanceTo(event.key().first);
    event.mapped()();
    ++ran;
  }
  clock_.AdvanceTo(std::max(time, clock_.Now()));
  return ran;
}

std::optional<store::TimeMs> EventQueue::NextEvent() const {
  if (events_.empty()) return std::nullopt;
  return events_.begin()->first.first;
}

}  // namespace dcs::scanner
