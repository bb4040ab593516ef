// What stands around the state: which file it is, of which version, and whether it is whole.
//
//   {"format":"dcs-sim state","version":1,"xxh3":"0123456789abcdef","state":...}
//
// The file is JSON for whoever looks at it, but is read back to the byte as it was written: one that
// differs anywhere is refused.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace dcs::state {

inline constexpr int kStateVersion = 1;

std::string Seal(std::string_view state);

// What was sealed: a view into `file`. Errors: kFailedPrecondition for another version, kDataLoss
// for all else.
absl::StatusOr<std::string_view> Unseal(std::string_view file);

}  // namespace dcs::state
