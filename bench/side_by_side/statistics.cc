#include "bench/side_by_side/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dcs::bench {
namespace {

// The value at `rank` (from 0) in sorted order.
double AtRank(std::vector<double>& values, size_t rank) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

double Median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const size_t middle = values.size() / 2;
  const double upper = AtRank(values, middle);
  return values.size() % 2 != 0 ? upper : (upper + AtRank(values, middle - 1)) / 2;
}

double Percentile(std::vector<double> values, double percent) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto count = static_cast<double>(values.size());
  // Rounds down slightly first: 99.9 % of 1,000 must be 999 despite rounding errors of the product.
  const double rank = std::ceil(percent / 100 * count - 1e-6);
  return AtRank(values, static_cast<size_t>(std::clamp(rank, 1.0, count)) - 1);
}

}  // namespace dcs::bench
