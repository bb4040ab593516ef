// report.json: a report as JSON. The same bytes for the same scenario and seed, "measured" apart.
//
// Thread safety: free functions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tools/simulate/report.h"

namespace dcs::simulate {

// Numbers are rounded to six digits; what does not apply is absent.
nlohmann::ordered_json ToJson(const Report& report);

}  // namespace dcs::simulate
