// The thread for answers that take long: one at a time, in the order asked for.
//
// Thread safety: all of it, from any thread but its own.
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

namespace dcs::rest {

class BackgroundThread {
 public:
  BackgroundThread();
  // Ends as Stop does, and Join.
  ~BackgroundThread();
  BackgroundThread(const BackgroundThread&) = delete;
  BackgroundThread& operator=(const BackgroundThread&) = delete;

  // Calls task(wanted) on the thread. Each is called, also after Stop: `wanted` then says that the
  // work should be left out, and the task ends what hangs on it. REQUIRES: before Join.
  template <class Task>
  void Post(Task task) {
    boost::asio::post(thread_,
                      [this, task = std::move(task)]() mutable { task(!stopped_.load()); });
  }

  // What has not begun is not wanted any more. Does not wait.
  void Stop() { stopped_ = true; }
  // Waits until all tasks have been called.
  void Join() { thread_.join(); }

 private:
  std::atomic<bool> stopped_{false};
  boost::asio::thread_pool thread_;
};

}  // namespace dcs::rest
