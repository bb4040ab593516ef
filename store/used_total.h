// A running total of the bytes that keys use, so that a memory limit costs a few loads per write instead of
// a lock of every shard.
//
// Each shard publishes its keys and bytes whenever they change (UsedShare), by plain stores that no other
// core waits for. Once the unreported difference exceeds a slack, it adds the difference to the common
// total. So the common total is known to within shares * slack, and a limit that is further away is checked
// by reading it alone. Closer to the limit, the caller adds up all shares.
//
// Invariant (checked by Shard::CheckInvariants): a share is what its shard uses whenever the shard's lock is
// free.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "store/memory/cache_line.h"

namespace dcs::store {

class UsedShare;

// Thread safety: atomics; reads may be from any thread.
class UsedTotal {
 public:
  struct Sum {
    int64_t bytes = 0;  // without access words
    int64_t keys = 0;
  };
  // Within slack() of the sum of all shares.
  Sum Approximate() const {
    return {bytes_.load(std::memory_order_relaxed), keys_.load(std::memory_order_relaxed)};
  }
  // Dies if Approximate() is further from `exact` than slack(). REQUIRES: no thread changes a shard.
  void CheckNear(Sum exact) const;
  // How far Approximate() may be off, in either direction.
  Sum slack() const {
    const int64_t shares = shares_.load(std::memory_order_relaxed);
    return {shares * kSlackBytes, shares * kSlackKeys};
  }

 private:
  friend class UsedShare;
  static constexpr int64_t kSlackBytes = 16 << 10;
  static constexpr int64_t kSlackKeys = 1 << 10;

  alignas(kCacheLineBytes) std::atomic<int64_t> bytes_{0};
  std::atomic<int64_t> keys_{0};
  std::atomic<int64_t> shares_{0};
};

// One shard's part. Thread safety: Publish under the shard's lock; reads from any thread.
class UsedShare {
 public:
  explicit UsedShare(UsedTotal& total) : total_(total) { total_.shares_ += 1; }
  ~UsedShare() {
    Report(0, 0);
    total_.shares_ -= 1;
  }
  UsedShare(const UsedShare&) = delete;
  UsedShare& operator=(const UsedShare&) = delete;

  void Publish(size_t bytes, size_t keys) {
    const auto new_bytes = static_cast<int64_t>(bytes), new_keys = static_cast<int64_t>(keys);
    bytes_.store(new_bytes, std::memory_order_relaxed);
    keys_.store(new_keys, std::memory_order_relaxed);
    const int64_t more_bytes = new_bytes - reported_bytes_, more_keys = new_keys - reported_keys_;
    if (Exceeds(more_bytes, UsedTotal::kSlackBytes) || Exceeds(more_keys, UsedTotal::kSlackKeys))
        [[unlikely]] {
      Report(new_bytes, new_keys);
    }
  }
  size_t bytes() const { return static_cast<size_t>(bytes_.load(std::memory_order_relaxed)); }
  size_t keys() const { return static_cast<size_t>(keys_.load(std::memory_order_relaxed)); }

 private:
  static bool Exceeds(int64_t difference, int64_t slack) {
    return difference >= slack || difference <= -slack;
  }
  void Report(int64_t bytes, int64_t keys) {
    total_.bytes_.fetch_add(bytes - reported_bytes_, std::memory_order_relaxed);
    total_.keys_.fetch_add(keys - reported_keys_, std::memory_order_relaxed);
    reported_bytes_ = bytes;
    reported_keys_ = keys;
  }

  UsedTotal& total_;
  std::atomic<int64_t> bytes_{0};
  std::atomic<int64_t> keys_{0};
  int64_t reported_bytes_ = 0;
  int64_t reported_keys_ = 0;
};

}  // namespace dcs::store
