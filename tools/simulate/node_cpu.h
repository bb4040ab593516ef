// The CPU of the simulated node: one thread that does one thing at a time, like Redis. Work that
// arrives while the node is busy waits. Costs come from the cost model; nothing here is measured.
//
// Times are nanoseconds from the scenario's start and do not go back. Thread safety: one thread.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "store/time/clock.h"
#include "tools/simulate/causes.h"

namespace dcs::simulate {

inline constexpr int64_t kNsPerMs = 1'000'000;

inline int64_t ToNs(double us) { return std::llround(us * 1000); }
inline double NsToSeconds(int64_t ns) { return static_cast<double>(ns) / 1e9; }

class NodeCpu {
 public:
  // Adds work that arrives at `at_ns` and takes `cost_ns`. Returns the time from `at_ns` until it
  // is done.
  int64_t Work(int64_t at_ns, int64_t cost_ns, Cause cause) {
    free_at_ns_ = std::max(free_at_ns_, at_ns) + cost_ns;
    charged_ns_[cause] += cost_ns;
    return free_at_ns_ - at_ns;
  }
  // The time at which all work so far is done.
  int64_t free_at_ns() const { return free_at_ns_; }
  // All work so far, done or waiting.
  const ByCause<int64_t>& charged_ns() const { return charged_ns_; }
  int64_t reclaiming_ns() const { return charged_ns_.total() - charged_ns_[Cause::kCommand]; }
  // The work done by `now_ns`: never more than the time that has passed. REQUIRES: all work that
  // arrives before `now_ns` was added.
  int64_t DoneNs(int64_t now_ns) const {
    return charged_ns_.total() - std::max<int64_t>(free_at_ns_ - now_ns, 0);
  }

 private:
  int64_t free_at_ns_ = 0;
  ByCause<int64_t> charged_ns_;
};

}  // namespace dcs::simulate
