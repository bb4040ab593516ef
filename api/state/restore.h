// Brings back what a state directory holds.
//
// Thread safety: one thread, the scheduler's, or before it starts.
#pragma once

#include "absl/status/status.h"
#include "api/lifecycle.h"
#include "api/state/state_directory.h"

namespace dcs::state {

// All instances of `directory`, with their keys, running again. Scans that had not ended have
// failed, and the log says which. Errors: the directory's, by file name; kUnavailable where no port
// can be listened on. Nothing in the directory has been changed then; otherwise leftovers are gone.
absl::Status Restore(StateDirectory& directory, api::Lifecycle& lifecycle,
                     const store::Clock& clock);

}  // namespace dcs::state
