#include "tools/simulate/causes.h"

namespace dcs::simulate {

std::string_view NameOf(Cause cause) {
  constexpr std::string_view kNames[kCauses] = {"commands",         "access", "overwrite",
                                                "natural_deletion", "scans",  "fast_sweeps",
                                                "client_scan",      "ideal"};
  return kNames[static_cast<size_t>(cause)];
}

}  // namespace dcs::simulate
