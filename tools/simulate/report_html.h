// report.html: a report as one page that needs nothing beside it, neither files nor a network.
//
// tools/simulate/page/ holds the page's parts; report_page.h has them as they were when the program
// was built. Thread safety: free functions.
#pragma once

#include <string>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// The page holds what report.json does, in <script type="application/json" id="report">, and draws
// itself from that.
std::string ToHtml(const Report& report);

}  // namespace dcs::simulate
