// Natural deletion: the periodic sampling by which Redis releases expired keys. Each cycle samples
// keys that have a deadline, releases the expired ones, and continues while many are expired.
//
// Sources: Redis 7 (expire.c, effort 1) runs 10 cycles a second. A cycle takes samples of 20 keys
// with a deadline, by a cursor over the keyspace. It continues while more than 10 % of a sample is
// expired, within 25 % of the CPU; it checks the time every 16 samples. If a cycle ran out of time,
// fast cycles of 1 ms follow, one each time the server has answered its clients, at least 2 ms
// apart. The DCS guide: at most 10,000 keys a second.
//
// A rate limit is exact: each cycle may release its share of a second's keys. No window of one
// second sees more releases than the rate, even if `hz` changes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "scanner/rate_window.h"
#include "scanner/scheduler.h"
#include "store/keyspace.h"

namespace dcs::scanner {

struct NaturalDeletionPolicy {
  std::string_view name;
  int64_t cycles_per_second;
  size_t keys_per_sample;
  size_t slots_per_key;            // a sample gives up after keys_per_sample * slots_per_key slots
  double tolerated_share;          // take another sample if a larger share of this one is expired
  double cpu_share;                // of one core, at most
  int64_t fast_cycle_us;           // time limit of a fast cycle; 0: no fast cycles
  size_t max_released_per_second;  // SIZE_MAX: no limit
};

// The settings that users can change. Values out of range are clamped.
struct NaturalDeletionTuning {
  int64_t hz = 10;     // cycles a second, 1 to 500: parameter hz
  int64_t effort = 1;  // 1 to 10: active-expire-effort
  int64_t keys = 20;   // a sample at effort 1, 1 to 1,000: active-expire-num, DCS's own
};

// Redis 7.
NaturalDeletionPolicy RedisNaturalDeletion(const NaturalDeletionTuning& tuning);
NaturalDeletionPolicy RedisNaturalDeletion(int effort);
// The rate that the DCS documentation gives for its reference test: 10,000 keys a second, that is
// 500 samples of 20 keys. With other sample sizes the number of samples stays 500 a second, for any
// `hz`.
NaturalDeletionPolicy DcsNaturalDeletion(const NaturalDeletionTuning& tuning = {});

// The intervals between cycles in whole milliseconds: exactly `hz` cycles in each second. Rounding
// 1000 / hz down would shorten them: at 400 cycles a second by a fifth, so intervals of 2 and 3 ms
// alternate.
// Thread safety: none.
class CycleTimes {
 public:
  // Milliseconds from one cycle to the next. REQUIRES: 1 <= hz <= 1000.
  int64_t Next(int64_t hz) {
    if (hz != hz_) rest_ = 0;
    hz_ = hz;
    const int64_t interval_ms = (1000 + rest_) / hz;
    rest_ = (1000 + rest_) % hz;
    return interval_ms;
  }

 private:
  int64_t hz_ = 0;
  int64_t rest_ = 0;  // of 1000 ms, in units of 1 / hz ms
};

// Thread safety: enabled(), set_enabled() and totals() may be called on any thread, all others on
// the scheduler's thread. After Stop it may be destroyed on any thread.
class NaturalDeletion {
 public:
  // Totals over all cycles so far.
  struct Work {
    uint64_t visited = 0;    // keys, with a deadline or without
    uint64_t looked_at = 0;  // keys with a deadline
    uint64_t released = 0;
    uint64_t released_bytes = 0;  // records and heap values of the released keys
  };
  // CPU time spent so far in microseconds: measured in the server, calculated from the work in a
  // simulation. All of it counts toward the time limit of a cycle.
  using WorkMeter = std::function<int64_t(const Work& so_far)>;
  // Called before each cycle.
  using PolicySource = std::function<NaturalDeletionPolicy()>;

  // `scheduler` and `keyspace` must outlive it.
  NaturalDeletion(Scheduler& scheduler, store::Keyspace& keyspace, PolicySource policy,
                  WorkMeter meter);
  NaturalDeletion(Scheduler& scheduler, store::Keyspace& keyspace,
                  const NaturalDeletionPolicy& policy, WorkMeter meter);
  ~NaturalDeletion();

  // Starts the cycles. While disabled, they tick but do nothing. A fast cycle follows each cycle
  // that needs one.
  void Start();
  void Stop();

  bool enabled() const { return enabled_.load(std::memory_order_relaxed); }
  void set_enabled(bool on) { enabled_.store(on, std::memory_order_relaxed); }

  struct CycleResult {
    size_t samples = 0;
    size_t looked_at = 0;  // keys with a deadline
    size_t released = 0;
    size_t released_bytes = 0;  // records and heap values of the released keys
    bool ran_out_of_time = false;
  };
  // Runs one cycle now. It releases at most its share of max_released_per_second.
  CycleResult RunCycle();
  // Runs one fast cycle now, if WantsFastCycle(). Call it after clients have been answered, at
  // least twice fast_cycle_us after the last one.
  CycleResult RunFastCycle();
  // Whether the policy has fast cycles, and the last cycle ran out of time or the estimated stale
  // share is above the tolerated one.
  bool WantsFastCycle() const { return wants_fast_cycle_; }

  // The figures that INFO shows.
  struct Totals {
    double stale_share = 0;      // of the keys looked at, a moving average
    uint64_t time_cap_hits = 0;  // cycles that ran out of time
    int64_t busy_us = 0;         // measured by the meter
  };
  Totals totals() const {
    return {stale_share_.load(std::memory_order_relaxed),
            time_cap_hits_.load(std::memory_order_relaxed),
            busy_us_.load(std::memory_order_relaxed)};
  }

 private:
  void ScheduleNext();
  // Delay from now to the next cycle. The rate holds for any cycle length; a late cycle does not
  // make up for missed time.
  int64_t NextDelay();
  CycleResult Run(const NaturalDeletionPolicy& policy, int64_t limit_us, size_t most_released);
  // The next cycle's share of a second's keys: any `hz` cycles in a row add up to the full rate.
  size_t ShareOfCycle(const NaturalDeletionPolicy& policy);

  Scheduler& scheduler_;
  store::Keyspace& keyspace_;
  const PolicySource policy_;
  const WorkMeter meter_;
  std::atomic<bool> enabled_{true};
  uint64_t position_ = 0;
  Work work_;
  CycleTimes cycle_times_;
  std::optional<store::TimeMs> due_ms_;  // when the last cycle was due, if there is a rate
  RateWindow released_;
  size_t rate_rest_ = 0;  // of the keys of the second, in units of 1 / hz keys
  bool wants_fast_cycle_ = false;
  // Written on the scheduler's thread.
  std::atomic<double> stale_share_{0};
  std::atomic<uint64_t> time_cap_hits_{0};
  std::atomic<int64_t> busy_us_{0};
  Scheduler::TimerId timer_ = 0;
};

}  // namespace dcs::scanner
