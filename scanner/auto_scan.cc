#include "scanner/auto_scan.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace dcs::scanner {
namespace {

constexpr int64_t kMsPerSecond = 1000;

// The first start time after `now`; nullopt if there is none.
std::optional<store::TimeMs> FirstStartAfter(store::TimeMs now, store::TimeMs first,
                                             int64_t interval_s) {
  if (first > now) return first;
  if (interval_s == 0) return std::nullopt;
  const int64_t interval_ms = interval_s * kMsPerSecond;
  return first + ((now - first) / interval_ms + 1) * interval_ms;
}

}  // namespace

AutoScan::AutoScan(Scheduler& scheduler, ScanService& scans, const AutoScanOptions& options)
    : scheduler_(scheduler), scans_(scans), options_(options) {
  idle_listener_ = scans_.idle_listeners().Add([this] { OnIdle(); });
}

AutoScan::~AutoScan() {
  scans_.idle_listeners().Remove(idle_listener_);
  if (timer_ != 0) scheduler_.Cancel(timer_);
}

void AutoScan::Configure(const AutoScanConfig& config) {
  assert((!config.enabled || config.first_scan_at) && "Configure: first_scan_at must be set");
  assert(config.interval_s >= 0 && "Configure: interval_s must not be negative");
  const store::TimeMs now = scheduler_.clock().Now();
  AutoScanState state{config, config.enabled ? config.first_scan_at : std::nullopt};
  state.config.updated_at = now;
  const AutoScanConfig& before = state_.config;
  if (config.enabled && before.enabled && before.first_scan_at == config.first_scan_at) {
    state.next_start = before.interval_s == config.interval_s
                           ? state_.next_start
                           : FirstStartAfter(now, *config.first_scan_at, config.interval_s);
  }
  Restore(state);
}

void AutoScan::Restore(const AutoScanState& state) {
  state_ = state;
  if (timer_ != 0) scheduler_.Cancel(std::exchange(timer_, 0));
  if (state_.next_start) WakeAfter(*state_.next_start - scheduler_.clock().Now());
  change_listeners_.Tell();
}

void AutoScan::Stop() {
  stopped_ = true;
  if (timer_ != 0) scheduler_.Cancel(std::exchange(timer_, 0));
}

void AutoScan::SetNextStart(std::optional<store::TimeMs> start) {
  state_.next_start = start;
  change_listeners_.Tell();
}

store::TimeMs AutoScan::LatestStart(store::TimeMs now) const {
  const store::TimeMs next = *state_.next_start;
  const int64_t interval_ms = state_.config.interval_s * kMsPerSecond;
  return interval_ms == 0 ? next : next + (now - next) / interval_ms * interval_ms;
}

std::optional<store::TimeMs> AutoScan::StartAfter(store::TimeMs start) const {
  const int64_t interval_ms = state_.config.interval_s * kMsPerSecond;
  if (interval_ms == 0) return std::nullopt;
  return start + interval_ms;
}

void AutoScan::Wake() {
  timer_ = 0;
  if (!state_.next_start) return;
  const store::TimeMs now = scheduler_.clock().Now();
  if (now < *state_.next_start) return WakeAfter(*state_.next_start - now);

  const store::TimeMs start = LatestStart(now);
  const std::optional<store::TimeMs> following = StartAfter(start);
  if (scans_.idle()) {
    SetNextStart(following);
    scans_.Create(ScanType::kAuto, {.step_interval_ms = options_.step_interval_ms,
                                    .keys_per_step = state_.config.keys_per_step,
                                    .timeout_ms = state_.config.timeout_s * kMsPerSecond});
  } else if (now - start > options_.grace_ms) {
    SetNextStart(following);
    ++skipped_;
  } else {
    // Wakes up when the start would be too late or the next start time comes; OnIdle may run
    // sooner.
    const store::TimeMs too_late = start + options_.grace_ms + 1;
    return WakeAfter(std::min(too_late, following.value_or(too_late)) - now);
  }
  if (state_.next_start) WakeAfter(*state_.next_start - now);
}

void AutoScan::WakeAfter(int64_t delay_ms) {
  if (timer_ != 0) scheduler_.Cancel(std::exchange(timer_, 0));
  if (stopped_) return;
  timer_ = scheduler_.After(std::min(delay_ms, options_.longest_wait_ms), [this] { Wake(); });
}

void AutoScan::OnIdle() {
  if (state_.next_start && scheduler_.clock().Now() >= *state_.next_start) WakeAfter(0);
}

}  // namespace dcs::scanner
