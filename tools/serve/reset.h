// Brings a running server's started state back: POST /_sim/reset.
//
// All instances go, the clock goes back, the started instance is launched again. Should another
// process have its port by then, the launch is tried again for some seconds. The old instances'
// memory is freed on a thread of its own.
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

  // All that is given must outlive it. `restart_clock` and `launch` are the middle and the end.
  Reset(boost::asio::io_context& io, api::Lifecycle& lifecycle, std::function<void()> restart_clock,
        std::function<absl::Status()> launch);
  // Waits until the memory is freed.
  ~Reset();
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;

  // Calls `done` once, from within or later: with kUnavailable where the instance could not be
  // launched, or the server stops. Resets that meet are one for who waits.
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
