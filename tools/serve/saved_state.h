// What --state-dir holds at the start of the server, and what the command line means for it.
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
  std::unique_ptr<state::StateDirectory> directory;  // nullptr: nothing is kept
  state::Survey survey;
  std::optional<api::ClockState> clock;  // where a virtual clock goes on
};

// Opens and looks through the directory; adopts orphaned snapshots if the options say so. Changes
// nothing in it. Errors: the directory's; kFailedPrecondition for orphaned snapshots that may not be
// adopted, and for a state of another kind of clock.
absl::StatusOr<SavedState> FindSavedState(const ServeOptions& options);

// The instance that the options describe, under another ID too.
api::InstanceSpec SpecFrom(const ServeOptions& options, const std::string& instance_id);

// One sentence for each option that was given on the command line, but does not count because the
// state says otherwise. Names no password.
std::vector<std::string> OverriddenOptions(const ServeOptions& options,
                                           const api::InstanceRecord& restored);

}  // namespace dcs::tools
