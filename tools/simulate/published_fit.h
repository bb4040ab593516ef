// Sets the figures that the service's documents publish beside the simulated ones, and says how well
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
  std::string note;  // the largest and the mean square error, and why they remain
  std::vector<FitRow> rows;
};

// Of each policy that completed its work and has a published CPU share, by the report's cost model:
// the idle share plus the cost of its steps and keys, over the time that they took. Absent if no policy
// has a published CPU share.
std::optional<PublishedFit> FitToPublished(const Report& report);

// Sentences. The first sums up how far simulated times and CPU shares are from the published ones; one
// for each policy with published figures follows, then why they differ.
std::vector<std::string> AgainstPublished(const Report& report);

}  // namespace dcs::simulate
