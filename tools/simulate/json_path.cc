#include "tools/simulate/json_path.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace dcs::simulate {
namespace {

using nlohmann::json;

// "a[0].b" -> "a", "0", "b".
std::vector<std::string> Steps(std::string_view path) {
  std::vector<std::string> steps(1);
  for (const char c : path) {
    if (c == ']') continue;
    if (c == '.' || c == '[') {
      steps.emplace_back();
    } else {
      steps.back() += c;
    }
  }
  return steps;
}

// The element of an array that a step names; nullptr if none.
json* Element(json& array, const std::string& step) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), number);
  if (error == std::errc() && end == step.data() + step.size() && number < array.size()) {
    return &array[number];
  }
  for (json& element : array) {
    if (element.is_object() && element.value("name", json()) == step) return &element;
  }
  return nullptr;
}

json* Follow(json& from, const std::string& step, bool last) {
  if (from.is_array()) return Element(from, step);
  if (!from.is_object() || (!last && !from.contains(step))) return nullptr;
  return &from[step];
}

bool IsUtf8(const std::string& text) {
  try {
    json(text).dump();
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

}  // namespace

std::string CheckAssignment(const std::string& assignment) {
  if (!IsUtf8(assignment)) return assignment + ": not UTF-8; expected text in UTF-8";
  const size_t equals = assignment.find('=');
  if (equals != 0 && equals != std::string::npos) return "";
  return assignment + ": expected path=value, such as load[0].keys=1000";
}

absl::Status ApplySet(json& scenario, std::string_view assignment) {
  if (const std::string wrong = CheckAssignment(std::string(assignment)); !wrong.empty()) {
    return absl::InvalidArgumentError("--set " + wrong);
  }
  const size_t equals = assignment.find('=');
  const std::vector<std::string> steps = Steps(assignment.substr(0, equals));
  json* at = &scenario;
  for (size_t i = 0; i < steps.size(); ++i) {
    at = Follow(*at, steps[i], i + 1 == steps.size());
    if (at != nullptr) continue;
    return absl::InvalidArgumentError("--set " + std::string(assignment) + ": \"" + steps[i] +
                                      "\" does not exist; expected a path in the scenario");
  }
  const std::string_view text = assignment.substr(equals + 1);
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  *at = value.is_discarded() ? json(std::string(text)) : std::move(value);
  return absl::OkStatus();
}

}  // namespace dcs::simulate
