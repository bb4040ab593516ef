#include "tools/simulate/arrivals.h"

#include <algorithm>
#include <cmath>

#include "tools/simulate/node_cpu.h"

namespace dcs::simulate {
namespace {

using store::TimeMs;

constexpr TimeMs kHourMs = 3'600'000;
constexpr TimeMs kDayMs = 24 * kHourMs;
constexpr TimeMs kForever = std::numeric_limits<TimeMs>::max();

TimeMs SinceMidnight(const RatePlan& plan, TimeMs at) {
  return ((at - plan.midnight_ms) % kDayMs + kDayMs) % kDayMs;
}

// Time since the last burst began; negative before the first.
TimeMs SinceBurst(const Bursts& bursts, TimeMs at) {
  const TimeMs since = at - bursts.first_ms;
  return since >= 0 && bursts.every_ms > 0 ? since % bursts.every_ms : since;
}

}  // namespace

double RateAt(const RatePlan& plan, TimeMs at) {
  if (at < plan.starts_ms || at >= plan.ends_ms) return 0;
  double rate = plan.per_second;
  if (!plan.hourly.empty()) {
    rate *= plan.hourly[static_cast<size_t>(SinceMidnight(plan, at) / kHourMs)];
  }
  if (plan.bursts) {
    const TimeMs since = SinceBurst(*plan.bursts, at);
    if (since >= 0 && since < plan.bursts->lasting_ms) rate *= plan.bursts->times;
  }
  return rate;
}

TimeMs NextChange(const RatePlan& plan, TimeMs at) {
  TimeMs next = kForever;
  const auto consider = [&](TimeMs change) {
    if (change > at) next = std::min(next, change);
  };
  consider(plan.starts_ms);
  consider(plan.ends_ms);
  if (!plan.hourly.empty()) consider(at + kHourMs - SinceMidnight(plan, at) % kHourMs);
  if (plan.bursts) {
    const TimeMs since = SinceBurst(*plan.bursts, at);
    consider(at - since);  // the first burst
    consider(at - since + plan.bursts->lasting_ms);
    if (since >= 0 && plan.bursts->every_ms > 0) consider(at - since + plan.bursts->every_ms);
  }
  return next;
}

double ExpectedArrivals(const RatePlan& plan, TimeMs until) {
  double expected = 0;
  for (TimeMs at = 0; at < until;) {
    const TimeMs next = std::min(NextChange(plan, at), until);
    expected += RateAt(plan, at) * static_cast<double>(next - at) / 1000;
    at = next;
  }
  return expected;
}

int64_t Arrivals::NextNs(TimeMs end_ms) {
  double left = -std::log1p(-random_.Unit());  // of a process of rate 1
  while (true) {
    const TimeMs at_ms = at_ns_ / kNsPerMs;
    if (at_ms >= end_ms) return kNever;
    const TimeMs change_ms = std::min(NextChange(plan_, at_ms), end_ms);
    const double per_ns = RateAt(plan_, at_ms) / 1e9;
    const auto gap_ns = static_cast<double>(change_ms * kNsPerMs - at_ns_);
    if (left < per_ns * gap_ns) {
      at_ns_ += static_cast<int64_t>(left / per_ns);
      return at_ns_;
    }
    left -= per_ns * gap_ns;
    at_ns_ = change_ms * kNsPerMs;
  }
}

}  // namespace dcs::simulate
