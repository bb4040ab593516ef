// The owner of a snapshot file: the instance and node whose keys it holds. It is the file's first
// line (envelope.h); the snapshot follows (store/snapshot.h).
//
// A file is loaded only for the owner it names, so a copy under another name is refused. Files of
// earlier program versions lack this line and begin with the snapshot.
//
// Generation: every launch of an instance gets a number higher than all earlier ones. A file of a
// lower generation than the instance's belongs to an instance of the same ID that was reset or
// deleted. Files of earlier program versions have generation 0.
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
// The reverse, for ID and node only; nullopt for every other name.
std::optional<SnapshotName> ParseSnapshotFile(std::string_view file);

// Whether a file with this beginning was written by this program or an earlier version of it.
bool BeginsAsOurs(std::string_view beginning);

// One line.
std::string SealSnapshotName(const SnapshotName& name);

// Reads the first line of `from`. Returns nullopt and consumes nothing if the file is an earlier
// version's and has no owner line. Errors: kDataLoss, kFailedPrecondition.
absl::StatusOr<std::optional<SnapshotName>> ReadSnapshotName(std::streambuf& from);

}  // namespace dcs::state
