#include "tools/simulate/scenario.h"

namespace dcs::simulate {

std::string_view NameOf(Measure measure) {
  constexpr std::string_view kNames[] = {"stale_memory", "release_time", "delay",    "client_scan",
                                         "clients",      "goal",         "published"};
  return kNames[static_cast<size_t>(measure)];
}

}  // namespace dcs::simulate
