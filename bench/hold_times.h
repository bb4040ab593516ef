// A histogram of how long a shard's lock was held, and the observer that fills it.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include "store/shard_mutex.h"

namespace dcs::bench {

// holds[i] is the number of holds of [2^(i-1), 2^i) ns.
struct HoldTimes {
  // The index and duration of a hold of at least kLongNs. Repeating a deterministic run tells the store's
  // long holds from the machine's.
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
    if (ns >= kLongNs) long_holds.push_back({count, ns});
    ++holds[static_cast<size_t>(std::bit_width(ns)) % holds.size()];
    ++count;
    longest_ns = std::max(longest_ns, ns);
    total_ns += ns;
  }
};

// Times every hold. Thread safety: one thread takes the keyspace's locks, one at a time.
class HoldTimer final : public store::LockObserver {
 public:
  void OnLock() noexcept override { locked_at_ = Clock::now(); }
  void OnUnlock() noexcept override {
    const auto ns = static_cast<uint64_t>((Clock::now() - locked_at_).count());
    try {
      times_.Add(ns);
    } catch (const std::bad_alloc&) {
      // One long hold is not listed.
    }
  }
  const HoldTimes& times() const { return times_; }

 private:
  using Clock = std::chrono::steady_clock;
  static_assert(std::is_same_v<Clock::duration, std::chrono::nanoseconds>);

  Clock::time_point locked_at_;
  HoldTimes times_;
};

}  // namespace dcs::bench
