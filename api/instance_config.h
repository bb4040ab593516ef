// The configuration parameters of an instance: what the API shows and changes.
//
// One table (instance_config.cc) says of each its ID, its range, its default and for which instances
// it is; to add one: a row there. Where the Redis process has the parameter too, the value is handed
// to it (redis_front.h), and it has its effect there or in natural deletion.
//
// Thread safety: a constant table and free functions; a config as safe as a std::map.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "api/instance_spec.h"
#include "store/time/clock.h"

namespace dcs::api {

enum class ConfigKind : uint8_t { kInteger, kEnum, kRegular };

struct ConfigParameter {
  std::string_view id;  // decimal; those from 1001 on are the simulator's own
  std::string_view name;
  ConfigKind kind;
  std::string_view default_value;
  // "0-7200", "yes,no", or a regular expression that the value matches.
  std::string_view range;
  std::string_view since;  // the first engine version that has it
  std::string_view description;
  bool ha_only = false;
  bool in_redis = true;  // whether the Redis process knows it

  bool IsFor(const InstanceSpec& spec) const;
  bool Accepts(std::string_view value) const;
};

// "Integer", "Enum", "Regular".
std::string_view ToString(ConfigKind kind);

// In the order of the API's answer.
absl::Span<const ConfigParameter> ConfigParameters();
// nullptr where the instance has none of that name.
const ConfigParameter* FindConfigParameter(std::string_view name, const InstanceSpec& spec);

// What was set; a parameter that is not in `values` has its default.
struct InstanceConfig {
  std::map<std::string, std::string, std::less<>> values;
  std::optional<store::TimeMs> changed_at;

  std::string_view Get(const ConfigParameter& parameter) const;
};

using RedisParameters = std::vector<std::pair<std::string, std::string>>;

// All that the instance's Redis process is to be started with, the capacity included.
RedisParameters RedisParametersOf(const InstanceSpec& spec, const InstanceConfig& config);

}  // namespace dcs::api
