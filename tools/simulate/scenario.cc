#include "tools/simulate/scenario.h"

#include <algorithm>
#include <iterator>

namespace dcs::simulate {
namespace {

// In the order of the enumerators of Measure.
constexpr std::string_view kMeasureNames[] = {
    "stale_memory", "release_time", "delay", "client_scan", "clients", "goal", "published"};

}  // namespace

std::string_view NameOf(Measure measure) { return kMeasureNames[static_cast<size_t>(measure)]; }

std::optional<Measure> MeasureNamed(std::string_view name) {
  const auto* const at = std::find(std::begin(kMeasureNames), std::end(kMeasureNames), name);
  if (at == std::end(kMeasureNames)) return std::nullopt;
  return static_cast<Measure>(at - std::begin(kMeasureNames));
}

}  // namespace dcs::simulate
