// The server's clock and its scheduler: the system's time, or a virtual time that can be steered.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "api/clock_state.h"
#include "api/steered_scheduler.h"
#include "scanner/scheduler.h"
#include "store/time/clock.h"
#include "tools/serve/serve_options.h"

namespace dcs::tools {

// Thread safety: that of the scheduler; the clocks may be read from any thread.
class TimeSource {
 public:
  // `io` must outlive this object. A steered clock continues from `saved`, at the rate of the
  // options if they have one. Without `saved` it starts at the system's time.
  TimeSource(boost::asio::io_context& io, const ServeOptions& options,
             const std::optional<api::ClockState>& saved);

  const store::Clock& clock() const { return scheduler_->clock(); }
  scanner::Scheduler& scheduler() { return *scheduler_; }
  // Waits in real time, for any state of the clock.
  scanner::Scheduler& real_scheduler() { return *real_scheduler_; }
  // The system's time, which clients use for signatures.
  const store::Clock& real_clock() const { return real_; }
  // nullptr if time cannot be steered.
  api::TimeControl* control() { return steered_; }
  // The state to save. After Stop: the state at the time of Stop.
  api::ClockState state() const;
  // Calls `listener` after each time that time was steered (SteeredScheduler::change_listeners).
  void AddChangeListener(std::function<void()> listener);

  // If time can be steered, sets it back to the start and to the rate of the options.
  void Restart();
  // Ends pending advances.
  void Stop();

 private:
  store::WallClock real_;
  const double rate_;
  std::unique_ptr<store::SteeredClock> steered_clock_;
  std::unique_ptr<scanner::Scheduler> real_scheduler_;
  std::unique_ptr<scanner::Scheduler> steered_scheduler_;  // nullptr: time cannot be steered
  scanner::Scheduler* scheduler_;                          // one of the two above
  api::SteeredScheduler* steered_ = nullptr;               // steered_scheduler_
  std::optional<double> rate_at_stop_;
};

}  // namespace dcs::tools
