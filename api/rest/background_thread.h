// The background thread for long answers: runs tasks one at a time, in FIFO order.
//
// Thread safety: all functions may be called from any thread except this one.
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

namespace dcs::rest {

class BackgroundThread {
 public:
  BackgroundThread();
  // Calls Stop and Join.
  ~BackgroundThread();
  BackgroundThread(const BackgroundThread&) = delete;
  BackgroundThread& operator=(const BackgroundThread&) = delete;

  // Calls task(wanted) on the thread. Each task is called, also after Stop: if `wanted` is false,
  // the task skips its work and only releases what depends on it. REQUIRES: before Join.
  template <class Task>
  void Post(Task task) {
    boost::asio::post(thread_,
                      [this, task = std::move(task)]() mutable { task(!stopped_.load()); });
  }

  // Tasks that have not begun are no longer wanted. Does not wait.
  void Stop() { stopped_ = true; }
  // Waits until all tasks have been called.
  void Join() { thread_.join(); }

 private:
  std::atomic<bool> stopped_{false};
  boost::asio::thread_pool thread_;
};

}  // namespace dcs::rest
