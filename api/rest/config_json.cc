#include "api/rest/config_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/rest/request_body.h"
#include "api/rest/time_format.h"

namespace dcs::rest {
namespace {

ApiError Missing(const char* member) { return {ErrorId::kInvalidParameter, member}; }

// One entry of redis_config: its three texts.
struct Entry {
  std::string id, name, value;
};

std::variant<Entry, ApiError> ParseEntry(const Json& json) {
  constexpr std::pair<const char*, std::string Entry::*> kMembers[] = {
      {"param_id", &Entry::id}, {"param_name", &Entry::name}, {"param_value", &Entry::value}};
  if (!json.is_object()) return Missing("redis_config");
  Entry entry;
  for (const auto& [member, into] : kMembers) {
    const Json* value = FindMember(json, member);
    if (value == nullptr || !value->is_string()) return Missing(member);
    entry.*into = value->get<std::string>();
  }
  return entry;
}

}  // namespace

Json ConfigJson(const api::Instance& instance) {
  Json parameters = Json::array();
  for (const api::ConfigParameter& parameter : api::ConfigParameters()) {
    if (!parameter.IsFor(instance.spec)) continue;
    parameters.push_back({{"param_id", parameter.id},
                          {"param_name", parameter.name},
                          {"param_value", instance.config.Get(parameter)},
                          {"default_value", parameter.default_value},
                          {"value_type", ToString(parameter.kind)},
                          {"value_range", parameter.range},
                          {"description", parameter.description}});
  }
  const auto& changed_at = instance.config.changed_at;
  return {{"instance_id", instance.id()},
          {"config_time", FormatTime(changed_at.value_or(instance.spec.created_at))},
          {"status", ToString(instance.phase)},
          {"config_status", "SUCCESS"},  // changes take effect at once
          {"redis_config", std::move(parameters)}};
}

std::variant<api::RedisParameters, ApiError> ParseConfigChanges(const Json& body,
                                                                const api::InstanceSpec& spec) {
  const Json* entries = FindMember(body, "redis_config");
  if (entries == nullptr || !entries->is_array() || entries->empty()) {
    return Missing("redis_config");
  }
  api::RedisParameters changes;
  for (const Json& json : *entries) {
    const auto parsed = ParseEntry(json);
    if (const auto* error = std::get_if<ApiError>(&parsed)) return *error;
    const Entry& entry = std::get<Entry>(parsed);
    const api::ConfigParameter* parameter = api::FindConfigParameter(entry.name, spec);
    const bool twice = std::any_of(changes.begin(), changes.end(),
                                   [&](const auto& change) { return change.first == entry.name; });
    if (parameter == nullptr || parameter->id != entry.id || twice ||
        !parameter->Accepts(entry.value)) {
      return ApiError{ErrorId::kInvalidConfigValue, entry.name};
    }
    changes.emplace_back(entry.name, entry.value);
  }
  return changes;
}

}  // namespace dcs::rest
