// The scheduler of the running server: Asio timers on the wall clock.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <unordered_map>
#include <utility>

#include "scanner/scheduler.h"

namespace dcs::api {

// Thread safety: as Scheduler says; the io_context is run by one thread.
class AsioScheduler final : public scanner::Scheduler {
 public:
  // Both must outlive it.
  AsioScheduler(boost::asio::io_context& io, const store::Clock& clock) : io_(io), clock_(clock) {}

  TimerId After(int64_t delay_ms, std::function<void()> fn) override;
  void Cancel(TimerId timer) override;
  void Post(std::function<void()> fn) override { boost::asio::post(io_, std::move(fn)); }
  const store::Clock& clock() const override { return clock_; }
  int64_t ElapsedMs() const override;

 private:
  boost::asio::io_context& io_;
  const store::Clock& clock_;
  TimerId last_id_ = 0;
  std::unordered_map<TimerId, std::unique_ptr<boost::asio::steady_timer>> timers_;
};

}  // namespace dcs::api
