// What stands around a text of ours in a file: which kind of text it is, its version and checksum.
//
//   {"format":"dcs-sim state","version":2,"xxh3":"0123456789abcdef","state":...}
//
// The line is JSON for people who look at the file, but is read back byte by byte: a line that differs
// anywhere is refused.
//
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace dcs::state {

struct Format {
  std::string_view name;  // also the name of the text's member
  int oldest;             // versions that this program reads; it writes the newest
  int newest;
};

// state.json. Version 1 is an array of instances; version 2 adds the clock and what was removed.
inline constexpr Format kStateFormat{"state", 1, 2};
// The first line of a file of keys (snapshot_name.h).
inline constexpr Format kKeysFormat{"keys", 1, 1};

// Every file that this program begins to write begins so, snapshots of earlier versions apart.
inline constexpr std::string_view kFilePrefix = R"({"format":"dcs-sim )";

struct Unsealed {
  std::string_view text;  // a view into the file
  int version;
};

// Ends with a line feed; holds no other if `text` holds none.
std::string Seal(const Format& format, std::string_view text);

// The text that was sealed. Errors: kFailedPrecondition for a version that this program does not
// read, kDataLoss for everything else.
absl::StatusOr<Unsealed> Unseal(const Format& format, std::string_view file);

}  // namespace dcs::state
