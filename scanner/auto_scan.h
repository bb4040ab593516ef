// Automatic scans of one instance: when they start, and when a start is left out.
//
//   AutoScan automatic(scheduler, scans, {});
//   automatic.Configure({.enabled = true, .first_scan_at = T, .interval_s = 3600,
//                        .timeout_s = 7200, .keys_per_step = 50});
//   ...   // scans of type kAuto at T, T + 1 h, T + 2 h, ... in the histories of `scans`
//
// The rules of the service (DCS user guide, "Scanning and Deleting Expired Keys"):
//   * the first scan starts at first_scan_at, further ones every `interval` after that, whatever
//     time the scans before them took;
//   * a start time at which a scan still runs is skipped, unless that scan ends within five minutes
//     after it: then the scan starts late;
//   * a scan that takes longer than `timeout` fails (scan_service.h), so that it blocks no other.
// Choices where the sources are silent:
//   * Any scan, and an instance that is not in service, is in the way, not only an automatic scan.
//   * Interval 0: one scan at first_scan_at, and no other.
//   * Where the interval is shorter than the time in which a start may be late, start times that
//     pass meanwhile become one start.
//   * Catch-up: start times that passed while nobody looked (the process slept, the clock jumped,
//     the program did not run) are made up for by one scan, at once; the next one comes at the next
//     start time of the old grid.
//   * A configuration applies to the starts after it: a scan that runs goes on as it began.
#pragma once

#include <cstdint>
#include <optional>

#include "scanner/listeners.h"
#include "scanner/scan_service.h"
#include "scanner/scheduler.h"

namespace dcs::scanner {

// What a client sets. The defaults are the console's; `enabled` is off until somebody asks.
struct AutoScanConfig {
  bool enabled = false;
  std::optional<store::TimeMs> first_scan_at = {};
  int64_t interval_s = int64_t{1440} * 60;
  int64_t timeout_s = int64_t{2880} * 60;
  int64_t keys_per_step = 50;
  std::optional<store::TimeMs> updated_at = {};
};

// All there is to remember over a restart of the program.
struct AutoScanState {
  AutoScanConfig config;
  std::optional<store::TimeMs> next_start;  // nullopt: no further scan
};

struct AutoScanOptions {
  int64_t step_interval_ms = Pacing{}.step_interval_ms;
  // How late a start may be: source as above.
  int64_t grace_ms = int64_t{5} * 60 * 1000;
  // How soon a jump of the clock is noticed: timers measure time that has passed, not the clock.
  int64_t longest_wait_ms = 10'000;
};

// Thread safety: one thread, the scheduler's.
class AutoScan {
 public:
  // `scheduler` and `scans` must outlive it.
  AutoScan(Scheduler& scheduler, ScanService& scans, const AutoScanOptions& options);
  ~AutoScan();
  AutoScan(const AutoScan&) = delete;
  AutoScan& operator=(const AutoScan&) = delete;

  // Replaces the configuration, and notes the time. A first_scan_at that has passed is caught up with,
  // unless it is the one before: then start times that have passed are over.
  // REQUIRES: if enabled, first_scan_at is set; interval_s is not negative.
  void Configure(const AutoScanConfig& config);
  void Restore(const AutoScanState& state);
  // Nothing starts any more; what there is to remember stays.
  void Stop();
  // Told after each change of state().
  Listeners<>& change_listeners() { return change_listeners_; }

  const AutoScanConfig& config() const { return state_.config; }
  const AutoScanState& state() const { return state_; }
  // Start times at which another scan was in the way for too long, each group of missed ones once.
  uint64_t skipped() const { return skipped_; }

 private:
  void Wake();
  void WakeAfter(int64_t delay_ms);
  void OnIdle();
  void SetNextStart(std::optional<store::TimeMs> start);
  // The last start time at or before `now`. REQUIRES: next_start has come.
  store::TimeMs LatestStart(store::TimeMs now) const;
  std::optional<store::TimeMs> StartAfter(store::TimeMs start) const;

  Scheduler& scheduler_;
  ScanService& scans_;
  const AutoScanOptions options_;
  AutoScanState state_;
  uint64_t skipped_ = 0;
  Scheduler::TimerId timer_ = 0;
  bool stopped_ = false;
  Listeners<> change_listeners_;
  Listeners<>::Id idle_listener_ = 0;  // in scans_
};

}  // namespace dcs::scanner
