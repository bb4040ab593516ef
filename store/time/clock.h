// What time it is, and nothing else.
//
// Everything that depends on time is given a Clock or, on hot paths, the `now` it returned: the
// same code runs under the wall clock in the server and under a virtual one in tests and
// simulations.
#pragma once

#include <atomic>
#include <cstdint>

namespace dcs::store {

// Milliseconds since the Unix epoch, UTC.
using TimeMs = int64_t;

// Thread safety: all members of both clocks may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes backwards within the life of a Clock: a key once expired stays expired.
  virtual TimeMs Now() const = 0;
};

// The system's time. Where that is set back, Now() stands still until it has caught up.
class WallClock final : public Clock {
 public:
  TimeMs Now() const override;

 private:
  mutable std::atomic<TimeMs> latest_{0};
};

// A clock that moves only when told to:
//
//   VirtualClock clock(1'000);
//   clock.AdvanceTo(2'500);
//   clock.Now();  // 2500
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(TimeMs start) : now_(start) {}
  TimeMs Now() const override { return now_.load(std::memory_order_relaxed); }
  // REQUIRES: `time` is not before Now().
  void AdvanceTo(TimeMs time);

 private:
  std::atomic<TimeMs> now_;
};

}  // namespace dcs::store
