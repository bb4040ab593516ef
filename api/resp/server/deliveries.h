// Messages that other threads hand to a connection (pub/sub, tracking, MONITOR), in the order in
// which they came. The connection takes them between two replies.
//
// The reply of a blocked command has its place in the same order: an item without bytes marks it.
//
// Thread safety: all members may be called from any thread. The lock is held for O(1), but for End.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace dcs::resp {

class Deliveries {
 public:
  // Shared by all clients that the message goes to. nullptr: the reply of the blocked command.
  using Item = std::shared_ptr<const std::string>;

  // Appends `item`. Returns whether the connection must be notified: it has not taken earlier ones
  // if not. Does nothing after End. Throws std::bad_alloc; nothing is appended then.
  bool Push(Item item) {
    const size_t bytes = item == nullptr ? 0 : item->size();
    const std::lock_guard lock(mutex_);
    if (ended_) return false;
    items_.push_back(std::move(item));
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    return !waiting_.exchange(true, std::memory_order_relaxed);
  }

  // Whether there is something to take. A hint: O(1) without the lock.
  bool waiting() const { return waiting_.load(std::memory_order_relaxed); }
  // Of all that waits.
  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

  // Moves all items to `taken`, whose memory serves again. REQUIRES: `taken` is empty.
  void Take(std::vector<Item>& taken) {
    const std::lock_guard lock(mutex_);
    taken.swap(items_);
    bytes_.store(0, std::memory_order_relaxed);
    waiting_.store(false, std::memory_order_relaxed);
  }

  // Drops what waits and all that comes. Does not throw. O(items).
  void End() {
    std::vector<Item> dropped;
    const std::lock_guard lock(mutex_);
    ended_ = true;
    dropped.swap(items_);
    bytes_.store(0, std::memory_order_relaxed);
    waiting_.store(false, std::memory_order_relaxed);
  }

 private:
  std::atomic<bool> waiting_{false};
  std::atomic<size_t> bytes_{0};
  std::mutex mutex_;
  std::vector<Item> items_;  // guarded by mutex_
  bool ended_ = false;       // guarded by mutex_
};

}  // namespace dcs::resp
