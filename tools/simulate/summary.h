// A report for people: the table that the terminal and report.md show.
//
// Thread safety: free functions.
#pragma once

#include <string>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// One line a policy, columns aligned.
std::string TerminalSummary(const Report& report);
// The whole report in Markdown.
std::string ToMarkdown(const Report& report);

}  // namespace dcs::simulate
