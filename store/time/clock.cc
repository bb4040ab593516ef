#include "store/time/clock.h"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace dcs::store {

TimeMs WallClock::Now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const TimeMs read = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
  TimeMs latest = latest_.load(std::memory_order_relaxed);
  while (latest < read && !latest_.compare_exchange_weak(latest, read, std::memory_order_relaxed)) {
  }
  return std::max(latest, read);
}

void VirtualClock::AdvanceTo(TimeMs time) {
  assert(time >= Now() && "AdvanceTo: time must not be before Now()");
  now_.store(time, std::memory_order_relaxed);
}

}  // namespace dcs::store
