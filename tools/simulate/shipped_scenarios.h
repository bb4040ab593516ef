// The shipped scenarios: the files of tools/scenarios, compiled in.
//
// Thread safety: free functions; the texts are constants.
#pragma once

#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace dcs::simulate {

struct ShippedScenario {
  std::string_view name;  // file name without ".json"; also its "name"
  std::string_view text;  // content of the file
};

// Sorted by name.
absl::Span<const ShippedScenario> ShippedScenarios();
// nullptr if no scenario has this name.
const ShippedScenario* FindShipped(std::string_view name);
// "big-hashes, client-scan, ..."
std::string ShippedNames();

// The output of --list: one line per scenario with its name, title and question, if any.
std::string ListOfScenarios();

}  // namespace dcs::simulate
