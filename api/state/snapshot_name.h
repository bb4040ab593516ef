// Whose keys a file holds. It is the file's first line (envelope.h); the snapshot follows it
// (store/snapshot.h).
//
// A file is read only as what it names, so that a copy under another name is refused. Files of
// program versions before this line begin with the snapshot itself.
//
// Generation: every launch of an instance has a number, higher than all before it. A file whose
// generation is below that of the instance belongs to an instance of the same ID that was reset or
// deleted. Files of earlier program versions count as generation 0.
//
// Thread safety: free functions without state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <streambuf>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "store/time/clock.h"

namespace dcs::state {

struct SnapshotName {
  std::string instance_id;
  size_t node = 0;
  uint64_t generation = 0;
  store::TimeMs saved_at = 0;  // by the node's clock
  bool virtual_clock = false;
};

inline constexpr std::string_view kKeysSuffix = ".keys";

// "ID.NODE.keys".
std::string SnapshotFile(std::string_view instance_id, size_t node);
// The other way round, ID and node only; nullopt for every other name.
std::optional<SnapshotName> ParseSnapshotFile(std::string_view file);

// Whether a file with this beginning was written by this program or an earlier version of it.
bool BeginsAsOurs(std::string_view beginning);

// One line.
std::string SealSnapshotName(const SnapshotName& name);

// Takes the first line off `from`. nullopt, and takes nothing, if the file is an earlier version's
// and names nobody. Errors: kDataLoss, kFailedPrecondition.
absl::StatusOr<std::optional<SnapshotName>> ReadSnapshotName(std::streambuf& from);

}  // namespace dcs::state
