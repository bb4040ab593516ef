#include "api/asio_scheduler.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace dcs::api {

scanner::Scheduler::TimerId AsioScheduler::After(int64_t delay_ms, std::function<void()> fn) {
  const TimerId id = ++last_id_;
  auto timer = std::make_unique<boost::asio::steady_timer>(
      io_, std::chrono::milliseconds(std::max<int64_t>(delay_ms, 0)));
  timer->async_wait([this, id, fn = std::move(fn)](boost::system::error_code) {
    // Cancelled ones are no longer listed: that decides, since a timer that has fallen due
    // completes without an error even when it is cancelled before its turn.
    if (timers_.erase(id) > 0) fn();
  });
  timers_.emplace(id, std::move(timer));
  return id;
}

int64_t AsioScheduler::ElapsedMs() const {
  const auto now = boost::asio::steady_timer::clock_type::now();  // what the timers follow
  return std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
}

void AsioScheduler::Cancel(TimerId timer) { timers_.erase(timer); }

}  // namespace dcs::api
