// The server's clock and the scheduler on it: the system's time, or one that can be steered.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "api/steered_scheduler.h"
#include "scanner/scheduler.h"
#include "store/clock.h"
#include "tools/serve_options.h"

namespace dcs::tools {

// Thread safety: as the scheduler; the clocks from any thread.
class TimeSource {
 public:
  // `io` must outlive it. A steered clock starts at the system's time.
  TimeSource(boost::asio::io_context& io, const ServeOptions& options);

  const store::Clock& clock() const { return scheduler_->clock(); }
  scanner::Scheduler& scheduler() { return *scheduler_; }
  // The system's, with which clients sign.
  const store::Clock& real_clock() const { return real_; }
  // nullptr where time cannot be steered.
  api::TimeControl* control() { return steered_; }

  // Back to the start, at the rate of the start, where time can be steered.
  void Restart();
  // Ends advances under way.
  void Stop();

 private:
  store::WallClock real_;
  const double rate_;
  std::unique_ptr<store::SteeredClock> steered_clock_;
  std::unique_ptr<scanner::Scheduler> scheduler_;
  api::SteeredScheduler* steered_ = nullptr;  // scheduler_, where it is one
};

}  // namespace dcs::tools
