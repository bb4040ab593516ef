// The background release of what was unlinked: large heap values, large mappings, whole tables.
//
// The queue is bounded by what it holds: past the bound, the caller destroys in place, so that a
// flood of deletions cannot outrun the thread without end. Once it is empty, what the allocator has
// kept of the freed memory is given back to the system.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace dcs::store {

// Something whose destruction takes time.
class Garbage {
 public:
  virtual ~Garbage() = default;
};

// Thread safety: all members may be called from any thread.
class LazyFree {
 public:
  // Values with more elements than this are worth a trip to the thread (Redis: LAZYFREE_THRESHOLD).
  static constexpr size_t kWorthQueueing = 64;
  static constexpr size_t kQueueBound = 1 << 20;

  // Without a thread, what is queued waits for Drain(). If the system gives no thread, Queue destroys in
  // place.
  explicit LazyFree(bool with_thread);
  // Destroys all that is still queued.
  ~LazyFree();

  // Takes `garbage`, of `objects` objects and `bytes` bytes, to be destroyed later. Destroys it in place
  // if kQueueBound items wait already, or without memory to queue it.
  void Queue(std::unique_ptr<Garbage> garbage, size_t objects, size_t bytes) noexcept;
  // The caller has freed so many bytes itself: they count for giving memory back, which falls to the
  // thread, or to Drain if there is none.
  void NoteFreed(size_t bytes);
  // Destroys what is queued, on this thread, and waits for what the background thread has in hand.
  void Drain();

  struct Counters {
    size_t pending_objects = 0;
    size_t pending_bytes = 0;
    uint64_t freed_objects = 0;
  };
  Counters counters() const;

 private:
  struct Item {
    std::unique_ptr<Garbage> garbage;
    size_t objects = 0;
    size_t bytes = 0;
  };
  void Run();
  // Adds an item to the queue, to be filled in; false if it is full or there is no memory. REQUIRES: mutex_
  // is held.
  bool MakeItem();
  // Destroys the first item outside the lock. REQUIRES: `lock` is held and the queue is not empty.
  void DestroyFirst(std::unique_lock<std::mutex>& lock);
  bool WorthTrimming() const { return freed_since_trim_ >= kWorthTrimmingBytes; }
  // Gives free memory back where enough has been freed since the last time. REQUIRES: `lock` is held.
  void Trim(std::unique_lock<std::mutex>& lock);

  // Less is not worth walking the allocator's free lists.
  static constexpr size_t kWorthTrimmingBytes = size_t{4} << 20;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> queue_;  // guarded by mutex_, as all below
  Counters counters_;
  size_t in_hand_ = 0;
  size_t freed_since_trim_ = 0;
  bool stopping_ = false;
  bool in_place_ = false;  // the thread could not be started
  std::thread thread_;
};

}  // namespace dcs::store
