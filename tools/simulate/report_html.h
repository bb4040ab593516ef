// report.html: a report as one self-contained page that needs no other files and no network.
//
// The page's parts are in tools/simulate/page/; report_page.h holds them as of build time.
// Thread safety: free functions.
#pragma once

#include <string>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// The page holds the content of report.json in <script type="application/json" id="report"> and
// renders itself from it.
std::string ToHtml(const Report& report);

}  // namespace dcs::simulate
