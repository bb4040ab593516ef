// What a state directory holds, looked at as a whole before anything of it is used or changed.
//
// Thread safety: one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/state/snapshot_name.h"
#include "api/state/state_directory.h"

namespace dcs::state {

struct FoundSnapshot {
  std::string file;
  SnapshotName name;
  bool names_itself = true;  // false: written by a program version whose files do not
};

struct Survey {
  bool has_state = false;  // whether there is a state.json
  SavedState state;
  std::vector<FoundSnapshot> current;  // of instances of the state
  std::vector<FoundSnapshot> orphans;  // of no instance that the state knows
};

// Reads the state and the first line of each snapshot. Files of another form are left alone, with a
// warning if their name is that of a snapshot. Snapshots that the state knows to be superseded are
// listed in state.removed. Errors: kDataLoss, kFailedPrecondition for a file of ours that is damaged,
// of another version, named otherwise than its content, or not a regular file. Also, if orphans may
// not be adopted, kFailedPrecondition with their paths.
absl::StatusOr<Survey> TakeSurvey(const StateDirectory& directory, bool adopt);

// Makes an instance of the state of each orphan's; `spec_of` says what it is. kFailedPrecondition for
// an orphan that is not an instance's first node. The log names each.
absl::Status AdoptOrphans(
    const StateDirectory& directory,
    const std::function<api::InstanceSpec(const std::string& instance_id)>& spec_of,
    Survey& survey);

// kFailedPrecondition if the times of the state are of another kind of clock: a virtual clock's are
// nowhere near the system's. Warns if the system's clock is behind the state.
absl::Status CheckClock(const StateDirectory& directory, const Survey& survey, bool is_virtual,
                        store::TimeMs system_now);

// Where a virtual clock goes on: nothing of the survey is later. nullopt: nothing says.
std::optional<api::ClockState> VirtualClockOf(const Survey& survey);

}  // namespace dcs::state
