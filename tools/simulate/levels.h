// Statistics of a sampled level: mean and 99th percentile over time, and peak.
//
// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// Uses the samples from `from_ms` on. A sample counts for half the time to each of its neighbours.
// REQUIRES: as many values as times; times ascend.
Levels LevelsOf(const std::vector<int64_t>& t_ms, const std::vector<uint64_t>& values,
                int64_t from_ms);

}  // namespace dcs::simulate
