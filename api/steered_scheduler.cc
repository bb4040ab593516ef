#include "api/steered_scheduler.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cmath>
#include <new>

#include "absl/strings/str_cat.h"

namespace dcs::api {
namespace {

using std::chrono::steady_clock;

// What another request may have to wait for a slice, and how often that is looked at.
constexpr std::chrono::milliseconds kSlice{3};
constexpr int kTimersBetweenLooks = 16;
constexpr double kMostLagRealMs = 1'000;

}  // namespace

SteeredScheduler::SteeredScheduler(boost::asio::io_context& io, store::SteeredClock& clock)
    : io_(io), clock_(clock), wake_(io) {}

// ---- Timers -------------------------------------------------------------------------------------

scanner::Scheduler::TimerId SteeredScheduler::After(int64_t delay_ms, std::function<void()> fn) {
  const store::TimeMs now = clock_.Now();
  const store::TimeMs due =
      now + std::clamp<int64_t>(delay_ms, 0, std::max<int64_t>(store::SteeredClock::kEnd - now, 0));
  const TimerId id = timers_.Add(due, std::move(fn));
  if (due < limit_) clock_.SetLimit(limit_ = due);
  Poke();
  return id;
}

// The limit is not raised here, where the clock would jump in the middle of what the caller does.
void SteeredScheduler::Cancel(TimerId timer) {
  if (timers_.Cancel(timer)) Poke();
}

store::TimeMs SteeredScheduler::NextDue() const {
  return timers_.NextDue().value_or(store::SteeredClock::kEnd);
}

// Where the clock must stop next: at a timer, or so that who asked for a time sees that time.
store::TimeMs SteeredScheduler::NextStop() const {
  return advances_.empty() ? NextDue() : std::min(NextDue(), advances_.front().goal);
}

void SteeredScheduler::Poke() {
  if (slice_posted_ || stopped_) return;
  boost::asio::post(io_.get_executor(), WithMemory(slice_memory_, [this] { RunSlice(); }));
  slice_posted_ = true;
}

// A timer that fails for want of memory is over; the others run on.
void SteeredScheduler::RunSlice() {
  bool all = false;
  try {
    all = RunDue();
  } catch (const std::bad_alloc&) {
  }
  slice_posted_ = false;
  if (stopped_) return;
  if (all) return WakeLater();
  const auto lag_ms = static_cast<double>(clock_.goal() - clock_.Now());
  if (advances_.empty() && lag_ms > kMostLagRealMs * rate()) clock_.ForgetLag();
  Poke();
}

// Runs what is due and answers what is reached, in order; an advance after the timers of its time.
// Returns false where the slice ended before.
bool SteeredScheduler::RunDue() {
  const auto end = steady_clock::now() + kSlice;
  for (int done = 1; !stopped_; ++done) {
    clock_.SetLimit(limit_ = NextStop());
    const store::TimeMs now = clock_.Now();
    const bool timer_due = !timers_.empty() && NextDue() <= now;
    if (!timer_due && (advances_.empty() || advances_.front().goal > now)) return true;
    if (done % kTimersBetweenLooks == 0 && steady_clock::now() >= end) return false;
    if (timer_due) {
      timers_.TakeFirst().fn();
    } else {
      const Reached reached = std::move(advances_.front().reached);
      advances_.pop_front();
      change_listeners_.Tell();
      reached(true);
    }
  }
  return true;
}

// At a standstill there is nothing to wake up for until somebody asks for more.
void SteeredScheduler::WakeLater() {
  if (rate() == 0 || timers_.empty()) {
    wake_.cancel();
    return;
  }
  // A millisecond of the clock may take less than the timer can tell: then it comes a little late.
  wake_.expires_after(std::chrono::nanoseconds(clock_.RealNanosUntil(NextDue())));
  wake_.async_wait([this](boost::system::error_code error) {
    if (!error) Poke();
  });
}

// ---- Steering -----------------------------------------------------------------------------------

store::TimeMs SteeredScheduler::LastGoal() const {
  return advances_.empty() ? clock_.Now() : advances_.back().goal;
}

absl::Status SteeredScheduler::Advance(int64_t ms, Reached reached) {
  if (ms < 0 || ms > kMostAdvanceMs) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot advance by ", ms, " ms: 0 to ", kMostAdvanceMs, " is expected"));
  }
  if (stopped_) return absl::UnavailableError("the clock has been stopped");
  if (advances_.size() >= kMostAdvances) {
    return absl::ResourceExhaustedError(
        absl::StrCat(kMostAdvances, " advances are under way, as many as may be"));
  }
  const store::TimeMs goal = LastGoal() + ms;
  if (goal > store::SteeredClock::kEnd) {
    return absl::OutOfRangeError(
        absl::StrCat("cannot advance by ", ms, " ms: the clock ends in 2100"));
  }
  advances_.push_back({goal, std::move(reached)});
  if (NextStop() < limit_) clock_.SetLimit(limit_ = NextStop());
  clock_.RaiseGoal(goal);
  Poke();
  return absl::OkStatus();
}

absl::Status SteeredScheduler::SetRate(double rate) {
  if (!std::isfinite(rate) || rate < 0 || rate > kMostRate) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot run at the rate ", rate, ": 0 to ", kMostRate, " is expected"));
  }
  if (advances_.empty()) clock_.ForgetLag();
  clock_.SetRate(rate, LastGoal());
  change_listeners_.Tell();
  Poke();
  return absl::OkStatus();
}

void SteeredScheduler::EndAdvances() {
  for (const Pending& advance : std::exchange(advances_, {})) advance.reached(false);
}

void SteeredScheduler::Restart() {
  const store::TimeMs before = clock_.Now();
  EndAdvances();
  clock_.Restart();
  timers_.Rebase(before, clock_.start());
  clock_.SetLimit(limit_ = NextStop());
  Poke();
}

void SteeredScheduler::Stop() {
  if (stopped_) return;
  stopped_ = true;
  clock_.ForgetLag();
  clock_.SetRate(0, clock_.Now());
  wake_.cancel();
  EndAdvances();
}

}  // namespace dcs::api
