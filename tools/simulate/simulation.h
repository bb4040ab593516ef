// All policies of a scenario, each on its own copy of the same load, and the report on them.
//
// Thread safety: none; it starts threads of its own and has joined them when it returns.
#pragma once

#include <atomic>
#include <functional>

#include "absl/status/statusor.h"
#include "tools/simulate/report.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

struct SimulationOptions {
  int threads = 2;                          // policies at a time
  const std::atomic<bool>* stop = nullptr;  // set it to end early with a partial report
  std::function<void(double share, size_t policies_done)> progress = {};  // a few times a second
};

// Errors: what the store refuses. A run that was stopped gives a partial report.
absl::StatusOr<Report> Simulate(const Scenario& scenario, const SimulationOptions& options);

}  // namespace dcs::simulate
