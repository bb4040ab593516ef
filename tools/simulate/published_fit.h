// Compares simulated figures with those that the service's documents publish, and reports how well
// the cost model fits the published CPU shares.
//
// Thread safety: free functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// CPU shares, 0 to 1.
struct FitRow {
  std::string label;
  double published = 0;
  double simulated = 0;
  std::optional<double> error{};  // simulated / published - 1; absent if published is 0
};

struct PublishedFit {
  std::string note;  // the largest and the mean square error, and their cause
  std::vector<FitRow> rows;
};

// The fit over each policy that completed its work and has a published CPU share. Uses the report's
// cost model: the idle share plus the cost of its steps and keys, over the time they took. Absent
// if no policy has a published CPU share.
std::optional<PublishedFit> FitToPublished(const Report& report);

// The first sentence sums up the errors of the simulated times and CPU shares. Then follow one
// sentence for each policy with published figures, and the cause of the errors.
std::vector<std::string> AgainstPublished(const Report& report);

}  // namespace dcs::simulate
