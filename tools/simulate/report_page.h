// The parts of report.html: the files in tools/simulate/page/, compiled in.
//
// Thread safety: free functions.
#pragma once

#include <string_view>

namespace dcs::simulate {

// `name` is the path within page/, for instance "vendor/uPlot.min.css". REQUIRES: CMakeLists.txt
// lists it.
std::string_view PagePart(std::string_view name);

}  // namespace dcs::simulate
