// A level that was sampled now and then: its mean and its 99th percentile over time, its peak.
//
// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// Over the samples from `from_ms` on. A sample counts for half the time to each of its neighbours.
// REQUIRES: as many values as times; times grow.
Levels LevelsOf(const std::vector<int64_t>& t_ms, const std::vector<uint64_t>& values,
                int64_t from_ms);

}  // namespace dcs::simulate
