// The rates of commands and bytes per second that INFO calls instantaneous.
//
// Redis averages its last 16 samples, which cover 1.6 s. Here a rate is the mean from one INFO to the
// next that comes at least a second later, so no timer is needed.
//
// Thread safety: all members may be called from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "api/counters.h"
#include "store/time/clock.h"

namespace dcs::api {

class RateMeter {
 public:
  explicit RateMeter(store::TimeMs now) : since_(now) {}

  struct Rates {  // a second
    uint64_t commands = 0;
    double input_kb = 0, output_kb = 0;
  };
  Rates Measure(const Counters& counters, store::TimeMs now) {
    const std::lock_guard lock(mutex_);
    const store::TimeMs passed_ms = now - since_;
    if (passed_ms < 0) since_ = now;  // the clock was set back
    if (passed_ms < kLeastMs) return rates_;
    const auto rate = [&](const std::atomic<uint64_t>& counter, uint64_t& before) {
      const uint64_t count = counter.load(std::memory_order_relaxed);
      // Less than before after CONFIG RESETSTAT.
      const uint64_t more = count < before ? count : count - before;
      before = count;
      return static_cast<double>(more) * 1000 / static_cast<double>(passed_ms);
    };
    rates_.commands = static_cast<uint64_t>(rate(counters.commands_processed, commands_) + 0.5);
    rates_.input_kb = rate(counters.net_input_bytes, input_bytes_) / 1024;
    rates_.output_kb = rate(counters.net_output_bytes, output_bytes_) / 1024;
    since_ = now;
    return rates_;
  }

 private:
  static constexpr store::TimeMs kLeastMs = 1000;

  std::mutex mutex_;
  store::TimeMs since_;  // guarded by mutex_, as all below
  uint64_t commands_ = 0, input_bytes_ = 0, output_bytes_ = 0;
  Rates rates_;
};

}  // namespace dcs::api
