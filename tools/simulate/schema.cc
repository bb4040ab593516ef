#include "tools/simulate/schema.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <vector>

namespace dcs::simulate {
namespace {

using nlohmann::json;

const json& Schema() {
  static const json schema = json::parse(SchemaText());
  return schema;
}

const json& Resolve(const json& schema) {
  const auto reference = schema.find("$ref");
  if (reference == schema.end()) return schema;
  return Schema().at(json::json_pointer(reference->get<std::string>().substr(1)));
}

std::string Found(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array of " + std::to_string(value.size());
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

std::string List(const json& names) {
  std::string list;
  for (const json& name : names) {
    if (!list.empty()) list += ", ";
    list += name.get<std::string>();
  }
  return list;
}

std::string Expected(const json& schema) {
  if (schema.contains("enum")) return "one of " + List(schema["enum"]);
  const json& type = schema["type"];
  std::string text = type.is_array() ? "number or object" : type.get<std::string>();
  const auto add = [&](const char* name, const char* words) {
    if (schema.contains(name)) text += words + schema[name].dump();
  };
  add("minimum", " from ");
  add("exclusiveMinimum", " above ");
  add("maximum", " to ");
  add("minItems", " of at least ");
  add("maxItems", " of at most ");
  add("maxLength", " of at most ");
  if (schema.contains("description")) {
    text += " (" + schema["description"].get<std::string>() + ")";
  }
  return text;
}

json Names(const json& object) {
  json names = json::array();
  for (const auto& [name, unused] : object.items()) names.push_back(name);
  return names;
}

// The error of an object apart from its members; empty if there is none.
std::string WrongMembers(const std::string& path, const json& value, const json& schema) {
  std::string inside = path;
  if (!inside.empty()) inside += '.';
  for (const auto& [name, member] : value.items()) {
    if (schema["properties"].contains(name)) continue;
    return inside + name + ": unknown field (" + Found(member) + "); expected one of " +
           List(Names(schema["properties"]));
  }
  for (const json& name : schema.value("required", json::array())) {
    if (value.contains(name.get<std::string>())) continue;
    return inside + name.get<std::string>() + ": nothing there; expected " +
           Expected(Resolve(schema["properties"][name.get<std::string>()]));
  }
  return "";
}

// `context`: valijson's path to the error: "<root>", "[load]", "[0]", "[keys]".
std::string Describe(const json& scenario, const std::vector<std::string>& context) {
  const json* value = &scenario;
  const json* schema = &Schema();
  std::string path;
  for (size_t i = 1; i < context.size(); ++i) {
    const std::string step = context[i].substr(1, context[i].size() - 2);
    if (value->is_array()) {
      path.append("[").append(step).append("]");
      value = &value->at(std::stoul(step));
      schema = &Resolve((*schema)["items"]);
    } else {
      if (!value->contains(step) || !(*schema)["properties"].contains(step)) break;
      path += (path.empty() ? "" : ".") + step;
      value = &(*value)[step];
      schema = &Resolve((*schema)["properties"][step]);
    }
  }
  if (value->is_object() && schema->contains("properties")) {
    if (std::string wrong = WrongMembers(path, *value, *schema); !wrong.empty()) return wrong;
  }
  return (path.empty() ? "the scenario" : path) + ": " + Found(*value) + "; expected " +
         Expected(*schema);
}

}  // namespace

absl::Status CheckSchema(const json& scenario) {
  // The validator's integers are signed: it would read a seed of 2^63 or more as negative.
  if (scenario.is_object() && scenario.contains("seed") && scenario["seed"].is_number_unsigned() &&
      scenario["seed"].get<uint64_t>() > std::numeric_limits<int64_t>::max()) {
    json smaller = scenario;
    smaller["seed"] = 0;
    return CheckSchema(smaller);
  }
  using valijson::adapters::NlohmannJsonAdapter;
  valijson::Schema schema;
  valijson::SchemaParser parser;
  parser.populateSchema(NlohmannJsonAdapter(Schema()), schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(schema, NlohmannJsonAdapter(scenario), &results)) {
    return absl::OkStatus();
  }
  // The deepest error is the most specific.
  const auto deepest = std::max_element(
      results.begin(), results.end(),
      [](const auto& a, const auto& b) { return a.context.size() < b.context.size(); });
  return absl::InvalidArgumentError(Describe(scenario, deepest->context));
}

}  // namespace dcs::simulate
