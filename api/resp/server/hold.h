// Holds up all commands of a node for a while: what DEBUG SLEEP does to a Redis of one thread.
//
// The sleeping connection raises the hold and ends it by a timer; no thread is blocked, so that the
// API of the same process goes on. Every other connection asks before each command and, while the
// node is held, leaves a function to be called when it goes on.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace dcs::resp {

// Thread safety: all members may be called from any thread.
class Hold {
 public:
  void Raise() { holds_.fetch_add(1, std::memory_order_acq_rel); }
  // Calls the waiting functions when the last hold ends. They must not call Hold or throw.
  void End() {
    std::vector<std::function<void()>> waiting;
    {
      const std::lock_guard lock(mutex_);
      if (holds_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
      waiting.swap(waiting_);
    }
    for (const std::function<void()>& go_on : waiting) go_on();
  }
  bool raised() const { return holds_.load(std::memory_order_acquire) > 0; }

  // Keeps `go_on` until the last hold ends. Returns false if the node is not held (any more): the
  // caller goes on. An allocation that fails leaves nothing kept.
  bool Wait(std::function<void()> go_on) {
    const std::lock_guard lock(mutex_);
    if (!raised()) return false;
    waiting_.push_back(std::move(go_on));
    return true;
  }

 private:
  std::atomic<int> holds_{0};
  std::mutex mutex_;
  std::vector<std::function<void()>> waiting_;  // guarded by mutex_
};

}  // namespace dcs::resp
