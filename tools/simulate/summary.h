// A report for people: the terminal's summary and report.md. Both put the question, its answer and the
// columns that answer it first.
//
// Thread safety: free functions.
#pragma once

#include <string>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// Question, answer, a table with one line a policy, and the other sentences. The table keeps to 100
// columns by leaving out, from the right, columns that do not answer the question; it also leaves out those
// in which all policies are the same. Control characters in labels and titles become spaces.
std::string TerminalSummary(const Report& report);
// The whole report in Markdown. Labels and titles are escaped, so that none ends a cell or a line.
std::string ToMarkdown(const Report& report);

}  // namespace dcs::simulate
