// Runs all policies of a scenario, each on its own copy of the same load, and builds the report.
//
// Thread safety: none. It starts threads and joins them before it returns.
#pragma once

#include <atomic>
#include <functional>

#include "absl/status/statusor.h"
#include "tools/simulate/report.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

struct SimulationOptions {
  int threads = 2;                          // policies run in parallel
  const std::atomic<bool>* stop = nullptr;  // set it to end early with a partial report
  std::function<void(double share, size_t policies_done)> progress = {};  // a few times a second
};

// Errors: those of the store. A stopped run returns a partial report.
absl::StatusOr<Report> Simulate(const Scenario& scenario, const SimulationOptions& options);

}  // namespace dcs::simulate
