// Surveys a whole state directory before any of it is used or changed.
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
  bool names_itself = true;  // false: written by an earlier program version
};

struct Survey {
  bool has_state = false;  // whether there is a state.json
  SavedState state;
  std::vector<FoundSnapshot> current;  // snapshots of instances in the state
  std::vector<FoundSnapshot> orphans;  // snapshots of instances not in the state
};

// Reads the state and the first line of each snapshot. Files of another form are left alone, with a
// warning if they have a snapshot's name. Superseded snapshots are listed in state.removed. Errors:
// kDataLoss or kFailedPrecondition for a file of the program that is damaged, of another version,
// named differently from its content, or not a regular file; kFailedPrecondition with their paths
// for orphans, unless `adopt` is set.
absl::StatusOr<Survey> TakeSurvey(const StateDirectory& directory, bool adopt);

// Adds an instance to the state for each orphan; `spec_of` returns its spec. kFailedPrecondition
// for an orphan that is not an instance's first node. The log names each.
absl::Status AdoptOrphans(
    const StateDirectory& directory,
    const std::function<api::InstanceSpec(const std::string& instance_id)>& spec_of,
    Survey& survey);

// kFailedPrecondition if the state's times are of another kind of clock: a virtual clock's times
// are nowhere near the system's. Warns if the system's clock is behind the state.
absl::Status CheckClock(const StateDirectory& directory, const Survey& survey, bool is_virtual,
                        store::TimeMs system_now);

// The time at which a virtual clock continues: no time in the survey is later. nullopt: none is
// known.
std::optional<api::ClockState> VirtualClockOf(const Survey& survey);

}  // namespace dcs::state
