// The automatic scans of one instance: decides when each scan starts and which starts are skipped.
//   AutoScan automatic(scheduler, scans, {});
//   automatic.Configure({.enabled = true, .first_scan_at = T, .interval_s = 3600,
//                        .timeout_s = 7200, .keys_per_step = 50});
//   ...   // scans of type kAuto at T, T + 1 h, T + 2 h, ... in the histories of `scans`
//
// The rules of the service (DCS user guide, "Scanning and Deleting Expired Keys"):
//   * The first scan starts at first_scan_at, and another one every `interval` after it. The length
//     of a scan does not move the start times.
//   * A start time at which a scan still runs is skipped, unless that scan ends within the next
//     five minutes: then the new scan starts late.
//   * A scan that takes longer than `timeout` fails (scan_service.h), so it blocks no later scan.
// Choices where the sources are silent:
//   * Any scan delays a start, manual or automatic, and so does an instance that is not in service.
//   * Interval 0: one scan at first_scan_at and no further scans.
//   * If the interval is shorter than the grace time, the start times that pass while a start waits
//     become one start.
//   * Catch-up: start times that passed unnoticed (the process slept, the clock jumped, the program
//     did not run) are made up for by one scan, immediately. The next scan starts at the next
//     regular start time.
//   * A new configuration applies to later starts. A running scan keeps its configuration.
#pragma once

#include <cstdint>
#include <optional>

#include "scanner/listeners.h"
#include "scanner/scan_service.h"
#include "scanner/scheduler.h"

namespace dcs::scanner {

// What a client sets. The defaults are the console's; `enabled` is off until a client turns it on.
struct AutoScanConfig {
  bool enabled = false;
  std::optional<store::TimeMs> first_scan_at = {};
  int64_t interval_s = int64_t{1440} * 60;
  int64_t timeout_s = int64_t{2880} * 60;
  int64_t keys_per_step = 50;
  std::optional<store::TimeMs> updated_at = {};
};

// What must survive a restart of the program.
struct AutoScanState {
  AutoScanConfig config;
  std::optional<store::TimeMs> next_start;  // nullopt: no further scan
};

struct AutoScanOptions {
  int64_t step_interval_ms = Pacing{}.step_interval_ms;
  // How late a start may be. Source: the rules at the top of this file.
  int64_t grace_ms = int64_t{5} * 60 * 1000;
  // Longest time until a jump of the clock is noticed: timers follow elapsed time, not the clock.
  int64_t longest_wait_ms = 10'000;
};

// Thread safety: one thread, the scheduler's.
class AutoScan {
 public:
  // `scheduler` and `scans` must outlive this object.
  AutoScan(Scheduler& scheduler, ScanService& scans, const AutoScanOptions& options);
  ~AutoScan();
  AutoScan(const AutoScan&) = delete;
  AutoScan& operator=(const AutoScan&) = delete;

  // Replaces the configuration and records the time. If first_scan_at has passed, one scan catches
  // up, unless first_scan_at is unchanged: then past start times are dropped.
  // REQUIRES: if enabled, first_scan_at is set; interval_s is not negative.
  void Configure(const AutoScanConfig& config);
  void Restore(const AutoScanState& state);
  // Starts no further scans. Keeps the state for a restart.
  void Stop();
  // Called after each change of state().
  Listeners<>& change_listeners() { return change_listeners_; }

  const AutoScanConfig& config() const { return state_.config; }
  const AutoScanState& state() const { return state_; }
  // Start times that were skipped because another scan ran too long; each group of missed ones
  // counts once.
  uint64_t skipped() const { return skipped_; }

 private:
  void Wake();
  void WakeAfter(int64_t delay_ms);
  void OnIdle();
  void SetNextStart(std::optional<store::TimeMs> start);
  // The last start time at or before `now`. REQUIRES: next_start is not after `now`.
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
