// Restores the instances found by a survey of a state directory.
//
// Thread safety: one thread, the scheduler's, or any thread before it starts.
#pragma once

#include "absl/status/status.h"
#include "api/lifecycle.h"
#include "api/state/state_directory.h"
#include "api/state/survey.h"

namespace dcs::state {

// Launches all instances of the survey with their keys. Unfinished scans become failed, and the log
// names them. Changes nothing in the directory. Errors: those of the directory, with the file's
// name; kUnavailable if no port can be opened.
absl::Status Restore(const StateDirectory& directory, const Survey& survey,
                     api::Lifecycle& lifecycle, const store::Clock& clock);

}  // namespace dcs::state
