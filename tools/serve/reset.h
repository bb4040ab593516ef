// POST /_sim/reset: returns a running server to its initial state.
//
// Removes all instances, sets the clock back and launches the initial instance again. If another
// process has taken its port, the launch is retried for some seconds. A separate thread frees the
// old instances' memory.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "api/lifecycle.h"

namespace dcs::tools {

// Thread safety: one thread, the scheduler's.
class Reset {
 public:
  using Done = std::function<void(const absl::Status& status)>;

  // All arguments must outlive this object. A reset calls `restart_clock`, then `launch`.
  Reset(boost::asio::io_context& io, api::Lifecycle& lifecycle, std::function<void()> restart_clock,
        std::function<absl::Status()> launch);
  // Waits until the old memory is freed.
  ~Reset();
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;

  // Calls `done` once, before Run returns or later: with kUnavailable if the instance could not be
  // launched or the server stops. Overlapping calls share one reset.
  void Run(Done done);
  void Stop();

 private:
  void Free(std::vector<std::shared_ptr<api::Node>> nodes);
  void Launch(int attempts_left);
  void Answer(const absl::Status& status);

  api::Lifecycle& lifecycle_;
  const std::function<void()> restart_clock_;
  const std::function<absl::Status()> launch_;
  boost::asio::steady_timer retry_;
  std::vector<Done> waiting_;
  bool stopped_ = false;
  boost::asio::thread_pool freeing_{1};
};

}  // namespace dcs::tools
