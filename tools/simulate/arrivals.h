// Arrival times of commands: random and independent (a Poisson process), at a rate that changes by
// the hour of the day and in bursts.
//
// The rate is constant between changes. A gap is an exponential draw, used up change by change, so
// an hour without traffic costs one step. Unit: nanoseconds from the scenario's start.
//
// Thread safety: one thread per object.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "store/time/clock.h"
#include "tools/simulate/random.h"

namespace dcs::simulate {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

struct Bursts {
  store::TimeMs first_ms = 0;
  store::TimeMs every_ms = 0;  // from start to start; 0: one burst
  store::TimeMs lasting_ms = 0;
  double times = 1;  // multiple of the usual rate
};

struct RatePlan {
  double per_second = 0;
  std::vector<double> hourly;     // 24 factors from midnight on, or empty
  store::TimeMs midnight_ms = 0;  // any midnight; may lie before the start
  std::optional<Bursts> bursts;
  store::TimeMs starts_ms = 0;
  store::TimeMs ends_ms = std::numeric_limits<store::TimeMs>::max();
};

// Commands per second at `at`.
double RateAt(const RatePlan& plan, store::TimeMs at);
// The first time after `at` at which the rate may change; the maximum if it never changes.
store::TimeMs NextChange(const RatePlan& plan, store::TimeMs at);
// Expected number of commands before `until`. O(changes).
double ExpectedArrivals(const RatePlan& plan, store::TimeMs until);

class Arrivals {
 public:
  // `plan` must outlive this object.
  Arrivals(const RatePlan& plan, uint64_t seed) : plan_(plan), random_(seed) {}
  // The arrival time of the next command; kNever if none arrives before `end_ms`. Ascending.
  int64_t NextNs(store::TimeMs end_ms);

 private:
  const RatePlan& plan_;
  Random random_;
  int64_t at_ns_ = 0;
};

}  // namespace dcs::simulate
