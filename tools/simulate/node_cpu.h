// A node of one thread that does one thing after the other, as Redis does: what comes while it is
// at work waits. Costs are the cost model's; nothing here is measured.
//
// Thread safety: one thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "store/clock.h"

namespace dcs::simulate {

inline constexpr int64_t kNsPerMs = 1'000'000;

class NodeCpu {
 public:
  // Work that comes at `at_ns` and takes `cost_ns`. Returns how long after `at_ns` it is done.
  int64_t Work(int64_t at_ns, int64_t cost_ns) {
    free_at_ns_ = std::max(free_at_ns_, at_ns) + cost_ns;
    busy_ns_ += cost_ns;
    return free_at_ns_ - at_ns;
  }
  int64_t Reclaim(int64_t at_ns, int64_t cost_ns) {
    reclaiming_ns_ += cost_ns;
    return Work(at_ns, cost_ns);
  }
  // When it will have done all that has come.
  int64_t free_at_ns() const { return free_at_ns_; }
  int64_t busy_ns() const { return busy_ns_; }
  int64_t reclaiming_ns() const { return reclaiming_ns_; }

 private:
  int64_t free_at_ns_ = 0;
  int64_t busy_ns_ = 0;
  int64_t reclaiming_ns_ = 0;
};

}  // namespace dcs::simulate
