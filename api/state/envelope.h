// The envelope of a text in a file: its kind, version and checksum.
//
//   {"format":"dcs-sim state","version":2,"xxh3":"0123456789abcdef","state":...}
//
// The line is JSON for human readers, but is checked byte by byte: any deviation is refused.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace dcs::state {

struct Format {
  std::string_view name;  // also the name of the member with the text
  int oldest;             // oldest version that this program reads; it writes the newest
  int newest;
};

// state.json. Version 1 is an array of instances; version 2 adds the clock and removed instances.
inline constexpr Format kStateFormat{"state", 1, 2};
// The first line of a file of keys (snapshot_name.h).
inline constexpr Format kKeysFormat{"keys", 1, 1};

// The beginning of every file that this program writes; snapshots of earlier versions lack it.
inline constexpr std::string_view kFilePrefix = R"({"format":"dcs-sim )";

struct Unsealed {
  std::string_view text;  // a view into the file
  int version;
};

// Ends with a line feed, and contains no other if `text` contains none.
std::string Seal(const Format& format, std::string_view text);

// The sealed text. Errors: kFailedPrecondition for a version that this program does not read,
// otherwise kDataLoss.
absl::StatusOr<Unsealed> Unseal(const Format& format, std::string_view file);

}  // namespace dcs::state
