// How the time of a running simulator is moved, as far as the API needs to know.
//
// Two implementations: SteeredScheduler in the server, and one without threads in tests.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "store/time/clock.h"

namespace dcs::api {

// Thread safety: one thread, the scheduler's.
class TimeControl {
 public:
  static constexpr int64_t kMostAdvanceMs = int64_t{31} * 24 * 60 * 60 * 1000;
  static constexpr double kMostRate = 100'000;

  // Called once: whether the time was reached, or the advance ended before (Stop, Restart).
  using Reached = std::function<void(bool reached)>;

  virtual ~TimeControl() = default;

  // How many milliseconds pass in a real one.
  virtual double rate() const = 0;
  // What the clock showed first.
  virtual store::TimeMs start() const = 0;
  virtual bool advancing() const = 0;

  // Moves the clock ahead by `ms`, running what falls due on the way, and calls `reached` then.
  // Errors: kInvalidArgument for less than 0 or more than kMostAdvanceMs, kOutOfRange where that is
  // past the clock's end, kResourceExhausted for too many at once, kUnavailable after the end.
  virtual absl::Status Advance(int64_t ms, Reached reached) = 0;
  // 0: time stands still. Advances go on. Errors: kInvalidArgument for less than 0, more than
  // kMostRate, or no number.
  virtual absl::Status SetRate(double rate) = 0;
};

}  // namespace dcs::api
