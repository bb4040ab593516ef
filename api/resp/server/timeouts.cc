#include "api/resp/server/timeouts.h"

#include <new>

namespace dcs::resp {

Timeouts::Place Timeouts::Add(store::TimeMs deadline, std::shared_ptr<BlockedCommand> command) {
  const std::lock_guard lock(queue_->mutex);
  const Place place = {deadline, ++queue_->last_number};
  const auto at = queue_->commands.emplace(place, std::move(command)).first;
  try {
    if (scheduler_ != nullptr) StartTimer(queue_, *scheduler_);
  } catch (const std::bad_alloc&) {
    queue_->commands.erase(at);
    throw;
  }
  return place;
}

void Timeouts::Remove(Place place) {
  std::shared_ptr<BlockedCommand> removed;  // destroyed after the lock
  const std::lock_guard lock(queue_->mutex);
  const auto at = queue_->commands.find(place);
  if (at == queue_->commands.end()) return;
  removed.swap(at->second);
  queue_->commands.erase(at);
}

// One at a time, so that no memory is needed. TimeOut is called without the lock.
void Timeouts::RunDue(Queue& queue, store::TimeMs now) {
  while (true) {
    std::shared_ptr<BlockedCommand> due;
    {
      const std::lock_guard lock(queue.mutex);
      // The timer is late or was lost: the next Add starts another.
      if (queue.timer_due && *queue.timer_due <= now) queue.timer_due.reset();
      const auto first = queue.commands.begin();
      if (first == queue.commands.end() || first->first.first > now) return;
      due.swap(first->second);
      queue.commands.erase(first);
    }
    due->TimeOut();
  }
}

// Starts a timer for the earliest deadline, unless one runs that ends no later. Throws
// std::bad_alloc. REQUIRES: the queue's mutex is held. The scheduler is called on its own thread
// only, later.
void Timeouts::StartTimer(const std::shared_ptr<Queue>& queue, scanner::Scheduler& scheduler) {
  if (queue->commands.empty()) return;
  const store::TimeMs due = queue->commands.begin()->first.first;
  if (queue->timer_due && *queue->timer_due <= due) return;
  scheduler.Post([queue, &scheduler, due] {
    try {
      scheduler.After(due - scheduler.clock().Now(),
                      [queue, &scheduler, due] { OnTimer(queue, scheduler, due); });
    } catch (const std::bad_alloc&) {
      // RunDue stands in for the timer, and the next Add starts another.
      const std::lock_guard lock(queue->mutex);
      if (queue->timer_due == due) queue->timer_due.reset();
    }
  });
  queue->timer_due = due;
}

// On the scheduler's thread. A timer may be early by the clock, or its command may have gone.
void Timeouts::OnTimer(const std::shared_ptr<Queue>& queue, scanner::Scheduler& scheduler,
                       store::TimeMs due) {
  RunDue(*queue, scheduler.clock().Now());
  const std::lock_guard lock(queue->mutex);
  if (queue->timer_due == due) queue->timer_due.reset();
  try {
    StartTimer(queue, scheduler);
  } catch (const std::bad_alloc&) {
    // RunDue stands in until a timer can be started.
  }
}

}  // namespace dcs::resp
