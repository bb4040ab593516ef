// Brings back what a survey of a state directory has found.
//
// Thread safety: one thread, the scheduler's, or before it starts.
#pragma once

#include "absl/status/status.h"
#include "api/lifecycle.h"
#include "api/state/state_directory.h"
#include "api/state/survey.h"

namespace dcs::state {

// Launches all instances of the survey, with their keys. Scans that had not ended become failed, and
// the log names them. Changes nothing in the directory. Errors: the directory's, by file name;
// kUnavailable if no port can be listened on.
absl::Status Restore(const StateDirectory& directory, const Survey& survey,
                     api::Lifecycle& lifecycle, const store::Clock& clock);

}  // namespace dcs::state
