// The scheduler of a server whose clock is steered, and what steers it.
//
//   SteeredScheduler scheduler(io, clock);
//   scheduler.Advance(3 * 3'600'000, [](bool reached) { ... });   // three hours ahead
//
// Timers run in the order in which they fall due, each with the clock standing at its time: the
// clock's limit is the next one's (store/time/steered_clock.h). That holds at any rate; where
// running them takes longer than the rate leaves, time passes more slowly than asked for, and what
// is more than a real second late is not caught up with.
//
// Timers run in slices of some milliseconds, between which the thread does what else waits for it:
// an advance by hours holds up no other request. Advances add up: one asked for while another is
// under way starts where that ends.
//
// Thread safety: as Scheduler says; the io_context is run by one thread, on which, or before it
// starts, everything is called.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "api/handler_memory.h"
#include "api/time_control.h"
#include "scanner/listeners.h"
#include "scanner/scheduler.h"
#include "scanner/timer_map.h"
#include "store/time/steered_clock.h"

namespace dcs::api {

class SteeredScheduler final : public scanner::Scheduler, public TimeControl {
 public:
  static constexpr size_t kMostAdvances = 1'000;  // under way at once

  // Both must outlive it. The clock is steered by it alone.
  SteeredScheduler(boost::asio::io_context& io, store::SteeredClock& clock);

  TimerId After(int64_t delay_ms, std::function<void()> fn) override;
  void Cancel(TimerId timer) override;
  void Post(std::function<void()> fn) override { boost::asio::post(io_, std::move(fn)); }
  const store::Clock& clock() const override { return clock_; }

  double rate() const override { return clock_.rate(); }
  store::TimeMs start() const override { return clock_.start(); }
  bool advancing() const override { return !advances_.empty(); }
  // `reached` is never called from within.
  absl::Status Advance(int64_t ms, Reached reached) override;
  absl::Status SetRate(double rate) override;
  // Told when an advance has ended and when the rate was set.
  scanner::Listeners<>& change_listeners() { return change_listeners_; }
  // Sets the clock back to its start and ends all advances. What waits stays as far in the future
  // as it was by the clock: who wants it gone cancels it before.
  void Restart();
  // Ends all advances; from now on time stands still. Idempotent.
  void Stop();

 private:
  struct Pending {
    store::TimeMs goal;
    Reached reached;
  };

  void Poke();
  void RunSlice();
  bool RunDue();
  void EndAdvances();
  void WakeLater();
  store::TimeMs NextDue() const;
  store::TimeMs NextStop() const;
  // The end of the last advance under way, or now.
  store::TimeMs LastGoal() const;

  boost::asio::io_context& io_;
  store::SteeredClock& clock_;
  boost::asio::steady_timer wake_;
  scanner::TimerMap timers_;
  std::deque<Pending> advances_;  // by goal
  store::TimeMs limit_ = store::SteeredClock::kEnd;
  HandlerMemory slice_memory_;  // posting a slice cannot fail
  bool slice_posted_ = false;
  bool stopped_ = false;
  scanner::Listeners<> change_listeners_;
};

}  // namespace dcs::api
