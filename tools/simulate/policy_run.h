// Runs one policy of a scenario: loads its own copy of the keys, plays it and computes the figures.
//
// Thread safety: different policies may run in different threads at once.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/simulate/report.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

// Shared by a run and its watchers. Members may be used from any thread.
struct RunControl {
  std::atomic<bool> stop{false};    // set to end the run soon
  std::atomic<double> progress{0};  // 0 to 1
};

// Loads the keys, plays the policy to the scenario's end in virtual time, and computes the figures.
// A stopped run returns partial figures and is not `completed`. O(keys) memory. Errors: those of
// the store; kInternal if the keyspace's key count differs from the keys written and released,
// which is a bug of the program.
absl::StatusOr<PolicyReport> RunPolicy(const Scenario& scenario, const Policy& policy,
                                       RunControl& control);

// Describes the scenario's load without loading it. O(keys).
std::vector<LoadReport> DescribeLoad(const Scenario& scenario);

// The sample times: the start of the scenario and of reclamation, the end, and between them the
// scenario's interval, except for samples next to the start of reclamation. Ascending, without
// repetition.
std::vector<TimeMs> SampleTimes(const Scenario& scenario);

}  // namespace dcs::simulate
