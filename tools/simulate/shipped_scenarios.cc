#include "tools/simulate/shipped_scenarios.h"

#include <algorithm>
#include <cassert>

#include "tools/simulate/scenario_json.h"

namespace dcs::simulate {

const ShippedScenario* FindShipped(std::string_view name) {
  for (const ShippedScenario& shipped : ShippedScenarios()) {
    if (shipped.name == name) return &shipped;
  }
  return nullptr;
}

std::string ShippedNames() {
  std::string names;
  for (const ShippedScenario& shipped : ShippedScenarios()) {
    if (!names.empty()) names += ", ";
    names += shipped.name;
  }
  return names;
}

std::string ListOfScenarios() {
  size_t width = 0;
  for (const ShippedScenario& shipped : ShippedScenarios()) {
    width = std::max(width, shipped.name.size());
  }
  std::string list;
  for (const ShippedScenario& shipped : ShippedScenarios()) {
    const absl::StatusOr<Scenario> scenario = ParseScenario(shipped.text, {});
    assert(scenario.ok() && "every shipped scenario can be run (shipped_scenarios_test.cc)");
    if (!scenario.ok()) continue;
    list.append(shipped.name).append(width + 2 - shipped.name.size(), ' ').append(scenario->title);
    list += '\n';
    if (!scenario->question.empty()) {
      list.append(width + 2, ' ').append(scenario->question).append("\n");
    }
  }
  return list;
}

}  // namespace dcs::simulate
