// The columns of a report's table of policies.
//
// Columns of the measure that answers the question come first. A column without any figure is left
// out. A policy that did not complete shows its label, its state, and dashes.
//
// Thread safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "tools/simulate/report.h"

namespace dcs::simulate {

struct TableColumn {
  std::string title;
  std::vector<std::string> cells;  // one per policy, in the report's order
  bool answers = false;            // answers the measure, or is the label, the state or the goal
  // Whether several policies completed and all of them have the same text.
  bool same = false;
};

std::vector<TableColumn> TableOf(const Report& report);

}  // namespace dcs::simulate
