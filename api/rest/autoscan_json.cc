#include "api/rest/autoscan_json.h"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "api/rest/request_body.h"
#include "api/rest/time_format.h"

namespace dcs::rest {
namespace {

using scanner::AutoScanConfig;

// In seconds. Twice as many milliseconds, added to any time, still fit into an int64_t. The service
// publishes no bound; the console offers at most 43,200 and 86,400 minutes.
constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 4'000;

// One of the four members that are mandatory for switching scans on.
struct Field {
  const char* name;
  ErrorId invalid;  // its message says what is expected
  // Returns whether the value is valid on its own; dependencies between members are checked later.
  bool (*read)(const Json& value, AutoScanConfig& config);
};

bool ReadInteger(const Json& value, int64_t min, int64_t max, int64_t& into) {
  const std::optional<int64_t> number = AsInteger(value, min, max);
  if (number) into = *number;
  return number.has_value();
}

bool ReadFirstScanAt(const Json& value, AutoScanConfig& config) {
  if (!value.is_string()) return false;
  config.first_scan_at = ParseUtcTime(value.get_ref<const std::string&>());
  return config.first_scan_at.has_value();
}

constexpr Field kFields[] = {
    {"first_scan_at", ErrorId::kInvalidFirstScanAt, &ReadFirstScanAt},
    {"interval", ErrorId::kInvalidInterval,
     [](const Json& value, AutoScanConfig& config) {
       return ReadInteger(value, 0, kMost, config.interval_s);
     }},
    {"timeout", ErrorId::kInvalidTimeout,
     [](const Json& value, AutoScanConfig& config) {
       return ReadInteger(value, 0, kMost, config.timeout_s);
     }},
    {"scan_keys_count", ErrorId::kInvalidScanKeysCount,
     [](const Json& value, AutoScanConfig& config) {
       return ReadInteger(value, 10, 1000, config.keys_per_step);
     }},
};

// "Its must Greater than or equal to interval * 2, if interval is 0, timeout must Greater than 1
// second."
bool TimeoutFits(const AutoScanConfig& config) {
  return config.interval_s == 0 ? config.timeout_s > 1 : config.timeout_s >= 2 * config.interval_s;
}

ApiError Invalid(ErrorId id) { return {id, {}}; }

// The field's own message names a lower bound, which would be wrong for a number over kMost.
ApiError Invalid(const Field& field, const Json& value) {
  const bool too_large = value.is_number_integer() && !AsInteger(value, INT64_MIN, kMost);
  const bool bounded_below =
      field.invalid == ErrorId::kInvalidInterval || field.invalid == ErrorId::kInvalidTimeout;
  if (too_large && bounded_below) return {ErrorId::kInvalidParameter, field.name};
  return Invalid(field.invalid);
}

}  // namespace

Json AutoscanConfigJson(std::string_view instance_id, const AutoScanConfig& config) {
  Json json = {{"instance_id", instance_id}, {"enable_auto_scan", config.enabled}};
  // Without zone, as in the documents' example: "2023-07-07T15:00:05.000".
  if (config.first_scan_at) json["first_scan_at"] = FormatTimeWithoutZone(*config.first_scan_at);
  json["interval"] = config.interval_s;
  json["timeout"] = config.timeout_s;
  json["scan_keys_count"] = config.keys_per_step;
  if (config.updated_at) json["updated_at"] = FormatTime(*config.updated_at);
  return json;
}

std::variant<AutoScanConfig, ApiError> ParseAutoscanConfig(const Json& body,
                                                           const AutoScanConfig& current,
                                                           store::TimeMs now) {
  AutoScanConfig config = current;
  bool switched_on = false;
  if (const Json* enabled = FindMember(body, "enable_auto_scan")) {
    if (!enabled->is_boolean()) return ApiError{ErrorId::kInvalidParameter, "enable_auto_scan"};
    config.enabled = switched_on = enabled->get<bool>();
  }
  bool new_start = false;
  for (const Field& field : kFields) {
    const Json* value = FindMember(body, field.name);
    if (value == nullptr) {
      if (switched_on) return ApiError{ErrorId::kInvalidParameter, field.name};
    } else if (!field.read(*value, config)) {
      return Invalid(field, *value);
    } else if (field.invalid == ErrorId::kInvalidFirstScanAt) {
      new_start = true;
    }
  }
  if (config.enabled && new_start && *config.first_scan_at <= now) {
    return Invalid(ErrorId::kInvalidFirstScanAt);
  }
  if (!TimeoutFits(config)) return Invalid(ErrorId::kInvalidTimeout);
  return config;
}

}  // namespace dcs::rest
