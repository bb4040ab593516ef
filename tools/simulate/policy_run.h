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

// Shared between a run and its watchers. Members may be used from any thread.
struct RunControl {
  std::atomic<bool> stop{false};    // set to end the run soon
  std::atomic<double> progress{0};  // 0 to 1
};

// Loads the keys, plays the policy to the scenario's end in virtual time, and sums up. A run that was stopped
// gives the figures up to there, and is not `completed`. O(keys) memory. Errors: what the store refuses;
// kInternal if a count of the keyspace differs from what was written and released, a fault of the program.
absl::StatusOr<PolicyReport> RunPolicy(const Scenario& scenario, const Policy& policy,
                                       RunControl& control);

// What the scenario's load comes to, without loading it. O(keys).
std::vector<LoadReport> DescribeLoad(const Scenario& scenario);

// When samples are taken: the start of the scenario and of reclamation, the end, and between them as the
// scenario says, but for those next to the start of reclamation. Ascending, without repetition.
std::vector<TimeMs> SampleTimes(const Scenario& scenario);

}  // namespace dcs::simulate
