// The content of --state-dir at the start of the server, and its precedence over the command line.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/clock_state.h"
#include "api/state/state_directory.h"
#include "api/state/survey.h"
#include "tools/serve/serve_options.h"

namespace dcs::tools {

struct SavedState {
  std::unique_ptr<state::StateDirectory> directory;  // nullptr: nothing is saved
  state::Survey survey;
  std::optional<api::ClockState> clock;  // the time at which a virtual clock continues
};

// Opens and reads the directory, without changing it. Adopts orphaned snapshots if the options say
// so. Errors: those of the directory; kFailedPrecondition for orphaned snapshots that may not be
// adopted, or a state written under another kind of clock.
absl::StatusOr<SavedState> FindSavedState(const ServeOptions& options);

// The instance that the options describe, with the given ID.
api::InstanceSpec SpecFrom(const ServeOptions& options, const std::string& instance_id);

// One sentence for each option of the command line that the state overrides. Contains no password.
std::vector<std::string> OverriddenOptions(const ServeOptions& options,
                                           const api::InstanceRecord& restored);

}  // namespace dcs::tools
