// The parts of report.html: the files in tools/simulate/page/, as they were when the program was
// built.
//
// Thread safety: free functions.
#pragma once

#include <string_view>

namespace dcs::simulate {

// `name` is the path within page/, for instance "vendor/uPlot.min.css".
// REQUIRES: CMakeLists.txt names that part.
std::string_view PagePart(std::string_view name);

}  // namespace dcs::simulate
