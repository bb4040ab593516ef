// What Redis does by itself: every so often, look at a few keys that have a deadline and release
// the expired ones; go on at once while many are.
//
// Sources: Redis 7 (expire.c, effort 1): 10 cycles a second, samples of 20 keys with a deadline
// taken by a cursor over the keyspace, repeated while more than 10 % of a sample is expired, within
// 25 % of the CPU, which is looked at every 16 samples. Where that did not do, short fast cycles of
// 1 ms follow, one each time that the server has answered its clients, at least 2 ms apart. The DCS
// guide: 10,000 keys a second at most.
//
// A rate is kept exactly: each cycle may release its share of a second's keys, and no second, wherever it
// begins, sees more than the rate, whatever `hz` is or becomes.
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
  size_t slots_per_key;            // a sample gives up after keys_per_sample * this many slots
  double tolerated_share;          // repeat while more of a sample than this is expired
  double cpu_share;                // of one core, at most
  int64_t fast_cycle_us;           // what a fast cycle may take; 0: there are none
  size_t max_released_per_second;  // SIZE_MAX: no limit
};

// What users can set of it. Values out of range count as the nearest in range.
struct NaturalDeletionTuning {
  int64_t hz = 10;     // cycles a second, 1 to 500: parameter hz
  int64_t effort = 1;  // 1 to 10: active-expire-effort
  int64_t keys = 20;   // a sample at effort 1, 1 to 1,000: active-expire-num, DCS's own
};

// Redis 7.
NaturalDeletionPolicy RedisNaturalDeletion(const NaturalDeletionTuning& tuning);
NaturalDeletionPolicy RedisNaturalDeletion(int effort);
// The rate that the DCS documentation gives for its reference test: 10,000 keys a second. That is
// 500 samples of 20 keys a second; with other samples as many of them, whatever `hz` is.
NaturalDeletionPolicy DcsNaturalDeletion(const NaturalDeletionTuning& tuning = {});

// When cycles begin, to the millisecond: exactly `hz` in each second. 1000 / hz alone would be short of
// time, by up to a fifth: at 400 cycles a second they come after 2 and 3 ms by turns.
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

// Thread safety: enabled(), set_enabled() and totals() from any thread; everything else on the scheduler's.
// Once stopped, it may be destroyed on any.
class NaturalDeletion {
 public:
  // What all cycles have done so far.
  struct Work {
    uint64_t visited = 0;    // keys, with a deadline or without
    uint64_t looked_at = 0;  // those with a deadline
    uint64_t released = 0;
    uint64_t released_bytes = 0;  // records and heap values of those
  };
  // CPU time spent so far in microseconds: measured in the server, calculated from the work in a simulation.
  // The time limit of a cycle counts all of it.
  using WorkMeter = std::function<int64_t(const Work& so_far)>;
  // Asked before each cycle.
  using PolicySource = std::function<NaturalDeletionPolicy()>;

  // `scheduler` and `keyspace` must outlive it.
  NaturalDeletion(Scheduler& scheduler, store::Keyspace& keyspace, PolicySource policy,
                  WorkMeter meter);
  NaturalDeletion(Scheduler& scheduler, store::Keyspace& keyspace,
                  const NaturalDeletionPolicy& policy, WorkMeter meter);
  ~NaturalDeletion();

  // Begins the cycles. They tick while disabled too, doing nothing. A fast cycle follows each that
  // needs one.
  void Start();
  void Stop();

  bool enabled() const { return enabled_.load(std::memory_order_relaxed); }
  void set_enabled(bool on) { enabled_.store(on, std::memory_order_relaxed); }

  struct CycleResult {
    size_t samples = 0;
    size_t looked_at = 0;  // keys with a deadline
    size_t released = 0;
    size_t released_bytes = 0;  // records and heap values of those
    bool ran_out_of_time = false;
  };
  // One cycle, now. It releases at most its share of max_released_per_second.
  CycleResult RunCycle();
  // One fast cycle, now, if WantsFastCycle(). To be called when clients have been answered, at least
  // twice fast_cycle_us after the last.
  CycleResult RunFastCycle();
  // Whether the policy has fast cycles and the last cycle ran out of time, or more keys seem to be
  // stale than is tolerated.
  bool WantsFastCycle() const { return wants_fast_cycle_; }

  // What INFO shows.
  struct Totals {
    double stale_share = 0;      // of the keys looked at, a moving average
    uint64_t time_cap_hits = 0;  // cycles that ran out of time
    int64_t busy_us = 0;         // by the meter
  };
  Totals totals() const {
    return {stale_share_.load(std::memory_order_relaxed),
            time_cap_hits_.load(std::memory_order_relaxed),
            busy_us_.load(std::memory_order_relaxed)};
  }

 private:
  void ScheduleNext();
  // From now to the next cycle. A rate is kept whatever time the cycles take, and what a late one has missed
  // is not made up for.
  int64_t NextDelay();
  CycleResult Run(const NaturalDeletionPolicy& policy, int64_t limit_us, size_t most_released);
  // The next cycle's share of a second's keys, so that any `hz` cycles in a row have the whole.
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
