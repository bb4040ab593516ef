#include "tools/simulate/levels.h"

#include <algorithm>
#include <utility>

namespace dcs::simulate {

Levels LevelsOf(const std::vector<int64_t>& t_ms, const std::vector<uint64_t>& values,
                int64_t from_ms) {
  Levels levels;
  std::vector<std::pair<double, double>> weighted;  // value, time
  double time = 0;
  const size_t first =
      static_cast<size_t>(std::lower_bound(t_ms.begin(), t_ms.end(), from_ms) - t_ms.begin());
  for (size_t i = first; i < t_ms.size(); ++i) {
    const int64_t before = i > first ? t_ms[i] - t_ms[i - 1] : 0;
    const int64_t after = i + 1 < t_ms.size() ? t_ms[i + 1] - t_ms[i] : 0;
    const double weight = static_cast<double>(before + after) / 2;
    const auto value = static_cast<double>(values[i]);
    weighted.emplace_back(value, weight);
    time += weight;
    levels.mean += value * weight;
    levels.peak = std::max(levels.peak, value);
    levels.end = value;
  }
  if (time > 0) {
    levels.mean /= time;
  } else {
    levels.mean = levels.end;  // there is only one sample
  }
  std::sort(weighted.begin(), weighted.end());
  double left = 0.99 * time;
  for (const auto& [value, weight] : weighted) {
    levels.p99 = value;
    left -= weight;
    if (left <= 0) break;
  }
  return levels;
}

}  // namespace dcs::simulate
