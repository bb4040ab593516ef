// The lock of a shard: a mutex for critical sections of about 100 ns that says when others wait.
//
// Taking it where it is free is one instruction, inlined: a lookup takes and releases it for every
// key. Putting a thread to sleep and waking it costs microseconds, some fifty times what the holder
// needs to finish: whoever finds the lock taken tries again for a while before it sleeps.
//
// A walk that takes the lock again and again must let others in between: a thread that has just been
// woken is slower than one that runs. It asks contended() and waits until that is over (Yield).
//
// Thread safety: all members may be called from any thread; unlock() by the holder.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <thread>
#include <vector>

namespace dcs::store {

// How long a lock was held each time: holds[i] is the number of holds of [2^(i-1), 2^i) ns.
struct HoldTimes {
  // One of kLongNs or more, and which of all it was. Whoever does the same again knows by it which took
  // long for what was done under them, and which for what the machine did meanwhile.
  struct LongHold {
    uint64_t number = 0;  // from 0 on
    uint64_t ns = 0;
  };
  static constexpr uint64_t kLongNs = 1 << 15;

  std::array<uint64_t, 40> holds = {};
  std::vector<LongHold> long_holds;  // by number
  uint64_t count = 0;
  uint64_t longest_ns = 0;
  uint64_t total_ns = 0;

  void Add(uint64_t ns) {
    if (ns >= kLongNs) long_holds.push_back({count, ns});  // first: it may throw
    ++holds[static_cast<size_t>(std::bit_width(ns)) % holds.size()];
    ++count;
    longest_ns = std::max(longest_ns, ns);
    total_ns += ns;
  }
  // Counts its holds after those that there are.
  void Add(const HoldTimes& other) {
    for (size_t i = 0; i < holds.size(); ++i) holds[i] += other.holds[i];
    for (const LongHold& hold : other.long_holds) {
      long_holds.push_back({count + hold.number, hold.ns});
    }
    count += other.count;
    longest_ns = std::max(longest_ns, other.longest_ns);
    total_ns += other.total_ns;
  }
};

// Meets the standard's BasicLockable. On an atomic, of which the thread sanitizer knows what it
// orders. (Of Debian's absl::Mutex it does not, and sees a race in everything that it guards;
// std::mutex costs two calls and some 40 instructions more a lookup.)
class ShardMutex {
 public:
  // With `measured`, every hold is timed: two readings of the steady clock more each time.
  explicit ShardMutex(bool measured) : measured_(measured) {}

  void lock() {
    if (!TryLock()) [[unlikely]]
      LockPatiently();
    if (measured_) [[unlikely]]
      taken_at_ = Clock::now();
  }
  void unlock() {
    if (measured_) [[unlikely]]
      AddHold();
    if (state_.exchange(kFree, std::memory_order_release) == kHeldSleeperWaits) [[unlikely]]
      Wake();
  }

  // Whether somebody waits for it.
  bool contended() const { return waiting_.load(std::memory_order_relaxed) > 0; }
  // Lets those who wait go first. REQUIRES: the caller does not hold it.
  void Yield() const {
    for (int i = 0; contended() && i < kPatience; ++i) std::this_thread::yield();
  }

  // REQUIRES: the caller holds it.
  const HoldTimes& hold_times() const { return hold_times_; }

 private:
  using Clock = std::chrono::steady_clock;
  static_assert(std::is_same_v<Clock::duration, std::chrono::nanoseconds>);
  // Tries before sleeping, each with a pause of some 40 cycles: together a few times the longest of
  // the short holds.
  static constexpr int kTries = 200;
  // Bounds Yield where the one who waits gets no processor.
  static constexpr int kPatience = 1000;

  // Whoever has slept takes the lock as kHeldSleeperWaits, for there may be others asleep.
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
  [[gnu::noinline]] void AddHold() noexcept {
    try {
      hold_times_.Add(static_cast<uint64_t>((Clock::now() - taken_at_).count()));
    } catch (const std::bad_alloc&) {
      // One long hold is not listed.
    }
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
  const bool measured_;
  Clock::time_point taken_at_;  // guarded by the lock itself
  HoldTimes hold_times_;        // likewise
};

}  // namespace dcs::store
