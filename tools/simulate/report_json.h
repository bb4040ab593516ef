// report.json: a report as JSON. The same scenario and seed give the same bytes, except for
// "measured".
//
// Thread safety: free functions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// Numbers are rounded to six digits; figures that do not apply are absent.
nlohmann::ordered_json ToJson(const Report& report);

}  // namespace dcs::simulate
