// The scheduler of the virtual clock: events in order of time, run as fast as they can be.
//
//   store::VirtualClock clock(0);
//   EventQueue events(clock);
//   events.After(3'600'000, [] { ... });
//   events.Advance(7'200'000);   // runs it with clock.Now() == 3'600'000, then sets two hours
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "scanner/scheduler.h"
#include "store/time/deadline.h"

namespace dcs::scanner {

class EventQueue final : public Scheduler {
 public:
  // `clock` must outlive the queue and is moved by it alone.
  explicit EventQueue(store::VirtualClock& clock) : clock_(clock) {}

  TimerId After(int64_t delay_ms, std::function<void()> fn) override;
  void Cancel(TimerId timer) override;
  const store::Clock& clock() const override { return clock_; }

  // Runs what falls due up to and including `time`, each at its own time, those included that are
  // added meanwhile; then sets the clock to `time`. Returns how many ran.
  size_t RunUntil(store::TimeMs time);
  size_t Advance(int64_t ms) { return RunUntil(store::SaturatingAdd(clock_.Now(), ms)); }
  // When the next event falls due; nullopt where none waits. A driver can jump there.
  std::optional<store::TimeMs> NextEvent() const;

 private:
  using Place = std::pair<store::TimeMs, TimerId>;  // IDs grow: ties run in order of asking

  store::VirtualClock& clock_;
  TimerId last_id_ = 0;
  std::map<Place, std::function<void()>> events_;
  std::unordered_map<TimerId, store::TimeMs> due_;
};

}  // namespace dcs::scanner
