// Medians and percentiles of measured values.
//
// Thread safety: free functions without state. Cost: O(values). Errors: NaN if there are no values.
#pragma once

#include <vector>

namespace dcs::bench {

// The middle value; for an even number of values the mean of the middle two.
double Median(std::vector<double> values);

// The smallest value that at least `percent` percent of the values do not exceed (nearest rank).
// REQUIRES: 0 <= percent <= 100.
double Percentile(std::vector<double> values, double percent);

}  // namespace dcs::bench
