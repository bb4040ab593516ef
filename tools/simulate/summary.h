// A report for people: the terminal's summary and report.md. Both begin with the question, its
// answer and the columns that answer it.
//
// Thread safety: free functions.
#pragma once

#include <string>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// Question, answer, a table with one line per policy, and the other sentences. To stay within 100
// columns, the table drops columns that do not answer the question, from the right. It also drops
// columns in which all policies are equal. Control characters in labels and titles become spaces.
std::string TerminalSummary(const Report& report);
// The whole report in Markdown. Labels and titles are escaped, so that none breaks a cell or a
// line.
std::string ToMarkdown(const Report& report);

}  // namespace dcs::simulate
