// Medians and percentiles of measured values.
//
// Thread safety: none needed, nothing is kept. Cost: O(values). Errors: of no values both are NaN.
#pragma once

#include <vector>

namespace dcs::bench {

// The middle value; of an even number of values the mean of the middle two.
double Median(std::vector<double> values);

// The smallest value that at least `percent` of a hundred values do not exceed (nearest rank).
// REQUIRES: 0 <= percent <= 100.
double Percentile(std::vector<double> values, double percent);

}  // namespace dcs::bench
