// The columns of a report's table of policies.
//
// Columns of the measure that answers the question come first. A column that no policy has a figure for
// is left out. A policy that did not complete has its label and its state, and dashes.
//
// Thread safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

struct TableColumn {
  std::string title;
  std::vector<std::string> cells;  // one a policy, in the report's order
  bool answers = false;            // belongs to the measure, or is the label, the state or the goal
  // Whether all policies that completed, if there are several, have the same text.
  bool same = false;
};

std::vector<TableColumn> TableOf(const Report& report);

}  // namespace dcs::simulate
