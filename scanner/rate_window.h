// A rate limit: bounds the events in any window of one second, to the millisecond.
//
//   RateWindow window;
//   const size_t most = window.Left(10'000, now);  // how many may happen at `now`
//   window.Note(released, now);
//
// Thread safety: none.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "store/time/clock.h"

namespace dcs::scanner {

// 8 KB.
class RateWindow {
 public:
  // How many events may happen at `now` so that the second ending at `now` holds at most `rate`. A
  // `now` before the last one counts as the last. If it is a second or more earlier, the clock was
  // set back and the window starts anew. O(milliseconds since the last call), 1,000 at most.
  size_t Left(size_t rate, store::TimeMs now) {
    MoveTo(now);
    return rate - std::min(rate, sum_);
  }
  // Records `count` events at `now`.
  void Note(size_t count, store::TimeMs now) {
    MoveTo(now);
    at_[Place(now_)] += count;
    sum_ += count;
  }

 private:
  static constexpr store::TimeMs kWindowMs = 1000;

  static size_t Place(store::TimeMs ms) {
    return static_cast<size_t>(static_cast<uint64_t>(ms) % kWindowMs);
  }
  // Drops the events that are a second or more before `now`.
  void MoveTo(store::TimeMs now) {
    if (now <= now_ && now_ - now < kWindowMs) return;
    if (sum_ > 0 && (now < now_ || now - now_ >= kWindowMs)) {
      at_.fill(0);
      sum_ = 0;
    }
    if (sum_ == 0) {  // then all entries of at_ are zero
      now_ = now;
      return;
    }
    while (now_ < now) {
      size_t& oldest = at_[Place(++now_)];
      sum_ -= oldest;
      oldest = 0;
    }
  }

  std::array<size_t, kWindowMs> at_ = {};  // events of each millisecond up to now_
  size_t sum_ = 0;
  store::TimeMs now_ = 0;
};

}  // namespace dcs::scanner
