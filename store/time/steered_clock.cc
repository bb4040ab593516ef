#include "store/time/steered_clock.h"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace dcs::store {
namespace {

constexpr double kNanosPerMs = 1e6;

}  // namespace

int64_t SteeredClock::SteadyNanos() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

SteeredClock::SteeredClock(TimeMs start, RealNanos real_ns)
    : start_(start), real_ns_(real_ns), base_(start), base_real_ns_(real_ns()) {
  assert(start <= kEnd && "SteeredClock: the start must not be after kEnd");
}

TimeMs SteeredClock::GoalAt(int64_t real_ns) const {
  const TimeMs base = base_.load(std::memory_order_acquire);
  const double rate = rate_.load(std::memory_order_acquire);
  const int64_t base_real_ns = base_real_ns_.load(std::memory_order_acquire);
  const double passed_ms = static_cast<double>(real_ns - base_real_ns) / kNanosPerMs * rate;
  return passed_ms < static_cast<double>(kEnd - base) ? base + static_cast<TimeMs>(passed_ms)
                                                      : kEnd;
}

// The fields are read with acquire and written with release: who has seen a new one also sees that
// the version has changed. Real time is read in between, so that it lies before the next change.
SteeredClock::Reading SteeredClock::Read() const {
  while (true) {
    const uint64_t version = version_.load(std::memory_order_acquire);
    if (version % 2 != 0) continue;
    const bool stands = rate_.load(std::memory_order_acquire) == 0;
    const TimeMs goal = stands ? base_.load(std::memory_order_acquire) : GoalAt(real_ns_());
    const Reading reading{goal, limit_.load(std::memory_order_acquire)};
    if (version_.load(std::memory_order_acquire) == version) return reading;
  }
}

TimeMs SteeredClock::Now() const {
  const Reading reading = Read();
  return std::min(reading.goal, reading.limit);
}

TimeMs SteeredClock::goal() const { return Read().goal; }

template <typename Change>
void SteeredClock::Write(Change change) {
  const uint64_t version = version_.load(std::memory_order_relaxed);
  version_.store(version + 1, std::memory_order_seq_cst);
  const int64_t real_ns = real_ns_();
  const TimeMs goal = GoalAt(real_ns);
  change(goal, real_ns);
  version_.store(version + 2, std::memory_order_release);
}

void SteeredClock::SetRate(double rate, TimeMs floor) {
  assert(rate >= 0 && "SetRate: the rate must not be negative");
  Write([&](TimeMs goal, int64_t real_ns) {
    base_.store(std::clamp(floor, goal, kEnd), std::memory_order_release);
    base_real_ns_.store(real_ns, std::memory_order_release);
    rate_.store(rate, std::memory_order_release);
  });
}

void SteeredClock::RaiseGoal(TimeMs time) {
  Write([&](TimeMs goal, int64_t real_ns) {
    if (time <= goal) return;
    base_.store(std::min(time, kEnd), std::memory_order_release);
    base_real_ns_.store(real_ns, std::memory_order_release);
  });
}

void SteeredClock::ForgetLag() {
  Write([&](TimeMs goal, int64_t real_ns) {
    const TimeMs limit = limit_.load(std::memory_order_relaxed);
    if (goal <= limit) return;
    base_.store(limit, std::memory_order_release);
    base_real_ns_.store(real_ns, std::memory_order_release);
  });
}

void SteeredClock::SetLimit(TimeMs limit) {
  Write([&](TimeMs goal, int64_t) {
    const TimeMs now = std::min(goal, limit_.load(std::memory_order_relaxed));
    limit_.store(std::max(limit, now), std::memory_order_release);
  });
}

int64_t SteeredClock::RealNanosUntil(TimeMs time) const {
  const int64_t real_ns = real_ns_();
  const auto missing_ms = static_cast<double>(time - base_.load(std::memory_order_relaxed));
  const double needed_ns = missing_ms * kNanosPerMs / rate();
  const double passed_ns =
      static_cast<double>(real_ns - base_real_ns_.load(std::memory_order_relaxed));
  constexpr double kMost = 1e18;
  return static_cast<int64_t>(std::clamp(needed_ns - passed_ns, 0.0, kMost));
}

void SteeredClock::Restart() {
  Write([&](TimeMs, int64_t real_ns) {
    base_.store(start_, std::memory_order_release);
    base_real_ns_.store(real_ns, std::memory_order_release);
    limit_.store(kEnd, std::memory_order_release);
  });
}

}  // namespace dcs::store
