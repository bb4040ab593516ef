// The mutex of a shard, for critical sections of about 100 ns.
//
// Fast path: locking a free mutex is one inlined instruction. A thread that finds it taken spins for a while
// before it sleeps, because sleeping and waking cost microseconds, about fifty times a short hold.
//
// Fairness: a thread that has just been woken is slower than one that runs. A walk that takes the lock again
// and again calls Yield() between its holds, so that waiting threads go first.
//
// An atomic, because the thread sanitizer understands it. It does not understand Debian's absl::Mutex, and
// std::mutex costs two calls and 40 instructions more per lookup.
//
// Thread safety: any thread may call all members; only the holder calls unlock().
#pragma once

#include <atomic>
#include <thread>

namespace dcs::store {

// Told of every lock and unlock of a shard, under the lock: measures or counts holds in benchmarks and tests.
class LockObserver {
 public:
  virtual ~LockObserver() = default;
  virtual void OnLock() noexcept = 0;
  virtual void OnUnlock() noexcept = 0;
};

// A BasicLockable.
class ShardMutex {
 public:
  // `observer` may be nullptr; it must outlive the mutex.
  explicit ShardMutex(LockObserver* observer) : observer_(observer) {}

  void lock() {
    if (!TryLock()) [[unlikely]]
      LockPatiently();
    if (observer_ != nullptr) [[unlikely]]
      observer_->OnLock();
  }
  void unlock() {
    if (observer_ != nullptr) [[unlikely]]
      observer_->OnUnlock();
    if (state_.exchange(kFree, std::memory_order_release) == kHeldSleeperWaits) [[unlikely]]
      Wake();
  }

  // Whether a thread waits for the lock.
  bool contended() const { return waiting_.load(std::memory_order_relaxed) > 0; }
  // Lets waiting threads go first. REQUIRES: the caller does not hold the lock.
  void Yield() const {
    for (int i = 0; contended() && i < kPatience; ++i) std::this_thread::yield();
  }

 private:
  // Spins before sleeping, each with a pause of about 40 cycles: together a few times the longest of the
  // short holds.
  static constexpr int kTries = 200;
  // Bounds Yield if the waiting thread gets no processor.
  static constexpr int kPatience = 1000;

  // A thread that has slept takes the lock as kHeldSleeperWaits, because others may be asleep.
  enum State : int { kFree, kHeld, kHeldSleeperWaits };

  bool TryLock() {
    int expected = kFree;
    return state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                          std::memory_order_relaxed);
  }
  [[gnu::noinline]] void LockPatiently() {
    waiting_.fetch_add(1, std::memory_order_relaxed);
    if (!LockWithinTries()) {
      while (state_.exchange(kHeldSleeperWaits, std::memory_order_acquire) != kFree) {
        state_.wait(kHeldSleeperWaits, std::memory_order_relaxed);
      }
    }
    waiting_.fetch_sub(1, std::memory_order_relaxed);
  }
  [[gnu::noinline]] void Wake() { state_.notify_one(); }
  bool LockWithinTries() {
    for (int i = 0; i < kTries; ++i) {
      Pause();
      if (state_.load(std::memory_order_relaxed) == kFree && TryLock()) return true;
    }
    return false;
  }
  static void Pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }

  std::atomic<int> state_{kFree};
  std::atomic<int> waiting_{0};
  LockObserver* const observer_;
};

}  // namespace dcs::store
