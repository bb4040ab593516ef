// The scenarios that the program brings along: the files of tools/scenarios, as they were when it
// was built.
//
// Thread safety: free functions; the texts are constants.
#pragma once

#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace dcs::simulate {

struct ShippedScenario {
  std::string_view name;  // of its file, without ".json"; also its "name"
  std::string_view text;  // the file
};

// In the order of their names.
absl::Span<const ShippedScenario> ShippedScenarios();
// nullptr if no scenario has this name.
const ShippedScenario* FindShipped(std::string_view name);
// "big-hashes, client-scan, ..."
std::string ShippedNames();

// What --list prints: a line for each scenario, its name and title, and its question if it has one.
std::string ListOfScenarios();

}  // namespace dcs::simulate
