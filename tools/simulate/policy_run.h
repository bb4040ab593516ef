// One policy of a scenario, from its own copy of the load to its figures.
//
// Thread safety: runs of different policies may go on in different threads at once.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/simulate/report.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

// Shared between a run and those who watch it. Members may be used from any thread.
struct RunControl {
  std::atomic<bool> stop{false};    // set to end the run as soon as it may
  std::atomic<double> progress{0};  // 0 to 1
};

// Loads, runs to the scenario's end in virtual time, and reckons. A run that was stopped gives the
// figures up to there, not `completed`. O(keys) memory. Errors: what the store refuses.
absl::StatusOr<PolicyReport> RunPolicy(const Scenario& scenario, const Policy& policy,
                                       RunControl& control);

// What the scenario's load comes to, without loading it. O(keys).
std::vector<LoadReport> DescribeLoad(const Scenario& scenario);

// When samples are taken: the start of the scenario and of reclamation, the end, and between them as
// the scenario says. Ascending, without repetition.
std::vector<TimeMs> SampleTimes(const Scenario& scenario);

}  // namespace dcs::simulate
