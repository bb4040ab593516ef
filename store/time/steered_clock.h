// The clock of a server whose time is steered: it stands still, runs at a rate, or is moved ahead.
//
//   SteeredClock clock(start);
//   clock.SetRate(60);        // a minute a second
//   clock.RaiseGoal(later);   // there at once, as far as the limit lets it
//
// Now() = min(goal, limit). The goal is what was asked for: it grows with real time at the rate.
// The limit is when the next timer falls due: time stands there until that has run, so that nobody ever
// sees a time whose timers are still to come. Who runs the timers (api::SteeredScheduler) sets it.
//
// Units: milliseconds as everywhere; real time in nanoseconds. Bounds: no time after kEnd.
// Thread safety: Now and goal from any thread; all else from one, the scheduler's.
#pragma once

#include <atomic>
#include <cstdint>

#include "store/time/clock.h"

namespace dcs::store {

class SteeredClock final : public Clock {
 public:
  static constexpr TimeMs kEnd = 4'102'444'800'000;  // 2100-01-01T00:00:00Z

  // Reads a real clock that never goes backwards.
  using RealNanos = int64_t (*)();
  static int64_t SteadyNanos();

  // Stands still at `start`, without a limit.
  explicit SteeredClock(TimeMs start, RealNanos real_ns = SteadyNanos);

  // Never goes backwards but in Restart.
  TimeMs Now() const override;
  // Where time would be if no timer held it up.
  TimeMs goal() const;

  TimeMs start() const { return start_; }
  double rate() const { return rate_.load(std::memory_order_relaxed); }

  // From now on `rate` milliseconds pass in a real one. The goal goes on from where it is, or from
  // `floor` where that is later. REQUIRES: not negative.
  void SetRate(double rate, TimeMs floor);
  // Moves the goal to `time`, unless it is there already; the rate stays.
  void RaiseGoal(TimeMs time);
  // Moves the goal back to Now(): what was missed is not caught up with.
  void ForgetLag();
  // Where time stops; not before Now().
  void SetLimit(TimeMs limit);
  // In how many real nanoseconds the goal is at `time`. REQUIRES: the rate is not 0.
  int64_t RealNanosUntil(TimeMs time) const;
  // Back to the start; the limit goes. The rate stays.
  void Restart();

 private:
  // Goal and limit at one moment.
  struct Reading {
    TimeMs goal;
    TimeMs limit;
  };
  Reading Read() const;
  TimeMs GoalAt(int64_t real_ns) const;
  template <typename Change>
  void Write(Change change);

  const TimeMs start_;
  const RealNanos real_ns_;
  // A sequence lock: odd while the fields below change.
  std::atomic<uint64_t> version_{0};
  std::atomic<TimeMs> base_;  // the goal when base_real_ns_ was read
  std::atomic<int64_t> base_real_ns_;
  std::atomic<double> rate_{0};
  std::atomic<TimeMs> limit_{kEnd};
};

}  // namespace dcs::store
