#include "api/rest/instance_body.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "api/rest/identifiers.h"
#include "api/rest/instance_rules.h"
#include "api/rest/request_body.h"

namespace dcs::rest {
namespace {

using api::CacheMode;
using api::InstanceSpec;

constexpr double kMaxCapacityGb = 1024;
// Bounds texts that are only stored to be shown: by the API's own limit if it has one. The cost of
// every answer that shows an instance depends on them.
constexpr size_t kMaxText = 1024;
constexpr size_t kMaxTags = 20;
constexpr size_t kMaxZones = 10;
constexpr int64_t kMaxInstancesAtOnce = 100;
constexpr size_t kMaxInstancesInAction = 50;

ApiError Invalid(const char* name) { return {ErrorId::kInvalidParameter, name}; }

bool IsShortText(const Json& value) {
  return value.is_string() && value.get_ref<const std::string&>().size() <= kMaxText;
}

// ---- Members copied unchanged ----------------------------------------------------

struct TextMember {
  const char* name;
  std::string InstanceSpec::*into;
  bool mandatory = false;
};

constexpr TextMember kTexts[] = {
    {"name", &InstanceSpec::name, true},
    {"spec_code", &InstanceSpec::spec_code, true},
    {"vpc_id", &InstanceSpec::vpc_id, true},
    {"subnet_id", &InstanceSpec::subnet_id, true},
    {"security_group_id", &InstanceSpec::security_group_id},
    {"description", &InstanceSpec::description},
    {"access_user", &InstanceSpec::access_user},
    {"enterprise_project_id", &InstanceSpec::enterprise_project_id},
};

std::optional<ApiError> ReadTexts(const Json& body, InstanceSpec& spec) {
  for (const TextMember& member : kTexts) {
    const Json* value = FindMember(body, member.name);
    if (value == nullptr) {
      if (member.mandatory) return Invalid(member.name);
    } else if (!value->is_string()) {
      return Invalid(member.name);
    } else if (!IsShortText(*value)) {
      if (member.into == &InstanceSpec::description)
        return ApiError{ErrorId::kDescriptionTooLong, {}};
      return Invalid(member.name);
    } else {
      spec.*member.into = value->get<std::string>();
    }
  }
  return std::nullopt;
}

std::optional<ApiError> ReadZones(const Json& body, InstanceSpec& spec) {
  const Json* zones = FindMember(body, "az_codes");
  if (zones == nullptr || !zones->is_array() || zones->empty() || zones->size() > kMaxZones) {
    return Invalid("az_codes");
  }
  for (const Json& zone : *zones) {
    if (!IsShortText(zone)) return Invalid("az_codes");
    spec.az_codes.push_back(zone.get<std::string>());
  }
  return std::nullopt;
}

std::optional<ApiError> ReadTags(const Json& body, InstanceSpec& spec) {
  const Json* tags = FindMember(body, "tags");
  if (tags == nullptr) return std::nullopt;
  if (!tags->is_array() || tags->size() > kMaxTags) return Invalid("tags");
  for (const Json& tag : *tags) {
    const Json* key = tag.is_object() ? FindMember(tag, "key") : nullptr;
    const Json* value = tag.is_object() ? FindMember(tag, "value") : nullptr;
    if (key == nullptr || !IsShortText(*key) || (value != nullptr && !IsShortText(*value))) {
      return Invalid("tags");
    }
    spec.tags.emplace_back(key->get<std::string>(),
                           value == nullptr ? std::string() : value->get<std::string>());
  }
  return std::nullopt;
}

// An empty text equals none, as the API page says.
std::optional<ApiError> ReadMaintenanceWindow(const Json& body, InstanceSpec& spec) {
  std::string window[2];
  constexpr const char* kNames[] = {"maintain_begin", "maintain_end"};
  for (size_t i = 0; i < std::size(window); ++i) {
    const Json* value = FindMember(body, kNames[i]);
    if (value == nullptr || *value == "") continue;
    const std::optional<std::string> hour =
        value->is_string() ? FullHour(value->get_ref<const std::string&>()) : std::nullopt;
    if (!hour) return Invalid(kNames[i]);
    window[i] = *hour;
  }
  const auto& [begin, end] = window;
  if (begin.empty() && end.empty()) return std::nullopt;  // the spec keeps the service's default
  if (begin.empty() || end.empty() || !IsMaintenanceWindow(begin, end)) {
    return ApiError{ErrorId::kInvalidMaintainTime, {}};
  }
  spec.maintain_begin = begin;
  spec.maintain_end = end;
  return std::nullopt;
}

// Source: the guide. Versions "3.0" to "7.0" compare correctly as text.
bool SupportsSsl(const InstanceSpec& spec) { return spec.engine_version >= "6.0"; }

std::optional<ApiError> ReadEchoed(const Json& body, InstanceSpec& spec) {
  if (const Json* ssl = FindMember(body, "enable_ssl")) {
    if (!ssl->is_boolean()) return Invalid("enable_ssl");
    spec.enable_ssl = ssl->get<bool>();
    if (spec.enable_ssl && !SupportsSsl(spec)) return ApiError{ErrorId::kSslNotSupported, {}};
  }
  if (const Json* policy = FindMember(body, "instance_backup_policy")) {
    if (!policy->is_object()) return Invalid("instance_backup_policy");
    if (auto error = CheckBackupPolicy(*policy)) return error;
    spec.backup_policy = Serialize(*policy);
    if (spec.backup_policy.size() > kMaxText) return Invalid("instance_backup_policy");
  }
  const Json* billing = FindMember(body, "bss_param");
  if (billing == nullptr) return std::nullopt;
  if (!billing->is_object()) return Invalid("bss_param");
  const Json* mode = FindMember(*billing, "charging_mode");
  if (mode != nullptr && *mode != "prePaid" && *mode != "postPaid") return Invalid("charging_mode");
  spec.prepaid = mode != nullptr && *mode == "prePaid";
  return std::nullopt;
}

// ---- Members that define the instance ---------------------------------------------------

bool IsInstanceName(std::string_view name) {
  const auto allowed = [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '_' || c == '-');
  };
  return name.size() >= 4 && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed);
}

// A word of spec_code such as "redis.ha.xu1.large.r2.4" or, for Redis 3.0, "dcs.master_standby".
// The first row whose word occurs decides; nullopt: an edition that is not simulated.
struct SpecWord {
  std::string_view word;
  std::optional<CacheMode> mode;
};

constexpr SpecWord kSpecWords[] = {
    {"cluster", std::nullopt},          {"proxy", std::nullopt},   {"rw_split", std::nullopt},
    {"enterprise", std::nullopt},       {"enhance", std::nullopt}, {"single", CacheMode::kSingle},
    {"master_standby", CacheMode::kHa}, {".ha.", CacheMode::kHa},
};

std::optional<ApiError> ReadMode(InstanceSpec& spec) {
  for (const SpecWord& row : kSpecWords) {
    if (spec.spec_code.find(row.word) == std::string::npos) continue;
    if (!row.mode) return ApiError{ErrorId::kInstanceTypeNotSupported, {}};
    spec.mode = *row.mode;
    return std::nullopt;
  }
  return Invalid("spec_code");
}

std::optional<ApiError> ReadEngine(const Json& body, InstanceSpec& spec) {
  const Json* engine = FindMember(body, "engine");
  if (engine == nullptr || !engine->is_string()) return Invalid("engine");
  if (!absl::EqualsIgnoreCase(engine->get<std::string>(), "redis")) {
    return ApiError{ErrorId::kEngineNotSupported, {}};
  }
  if (const Json* version = FindMember(body, "engine_version")) {
    if (!version->is_string()) return Invalid("engine_version");
    spec.engine_version = version->get<std::string>();
    if (!api::IsEngineVersion(spec.engine_version)) {
      return ApiError{ErrorId::kEngineVersionNotSupported, {}};
    }
  }
  return ReadMode(spec);
}

std::optional<ApiError> ReadNumbers(const Json& body, CreateRequest& request) {
  const Json* capacity = FindMember(body, "capacity");
  if (capacity == nullptr || !capacity->is_number()) return Invalid("capacity");
  request.spec.capacity_gb = capacity->get<double>();
  if (!(request.spec.capacity_gb > 0 && request.spec.capacity_gb <= kMaxCapacityGb)) {
    return Invalid("capacity");
  }
  if (const Json* port = FindMember(body, "port")) {
    const std::optional<int64_t> number = AsInteger(*port, 1, 65535);
    if (!number) return Invalid("port");
    request.spec.port = static_cast<uint16_t>(*number);
  }
  if (const Json* count = FindMember(body, "instance_num")) {
    const std::optional<int64_t> number = AsInteger(*count, 1, kMaxInstancesAtOnce);
    if (!number) return Invalid("instance_num");
    request.count = static_cast<int>(*number);
  }
  // All simulated instances share one address, so no two can have the same port.
  if (request.spec.port != 0 && request.count > 1) return Invalid("port");
  return std::nullopt;
}

std::optional<ApiError> ReadPassword(const Json& body, InstanceSpec& spec) {
  const Json* open = FindMember(body, "no_password_access");
  if (open != nullptr && !open->is_boolean()) return Invalid("no_password_access");
  const Json* password = FindMember(body, "password");
  if (password != nullptr && !IsShortText(*password)) return Invalid("password");
  if (open != nullptr && open->get<bool>()) return std::nullopt;
  if (password != nullptr) spec.password = password->get<std::string>();
  if (spec.password.empty()) {
    // A password is required but missing.
    if (open != nullptr) return ApiError{ErrorId::kPasswordMissing, {}};
    return std::nullopt;
  }
  if (!IsStrongPassword(spec.password)) return ApiError{ErrorId::kPasswordTooSimple, {}};
  return std::nullopt;
}

}  // namespace

std::variant<CreateRequest, ApiError> ParseCreateRequest(const Json& body) {
  CreateRequest request;
  InstanceSpec& spec = request.spec;
  if (auto error = ReadTexts(body, spec)) return *std::move(error);
  if (!IsInstanceName(spec.name)) return ApiError{ErrorId::kInvalidInstanceName, {}};
  if (auto error = ReadEngine(body, spec)) return *std::move(error);
  if (auto error = ReadNumbers(body, request)) return *std::move(error);
  if (auto error = ReadPassword(body, spec)) return *std::move(error);
  if (auto error = ReadZones(body, spec)) return *std::move(error);
  if (auto error = ReadTags(body, spec)) return *std::move(error);
  if (auto error = ReadMaintenanceWindow(body, spec)) return *std::move(error);
  if (auto error = ReadEchoed(body, spec)) return *std::move(error);
  return request;
}

std::variant<ActionRequest, ApiError> ParseActionRequest(const Json& body) {
  constexpr std::pair<std::string_view, InstanceAction> kActions[] = {
      {"restart", InstanceAction::kRestart},
      {"soft_restart", InstanceAction::kSoftRestart},
      {"flush", InstanceAction::kFlush},
  };
  ActionRequest request;
  const Json* action = FindMember(body, "action");
  const auto* known = std::find_if(std::begin(kActions), std::end(kActions), [&](const auto& row) {
    return action != nullptr && *action == row.first;
  });
  if (known == std::end(kActions)) return ApiError{ErrorId::kInvalidAction, {}};
  request.action = known->second;

  const Json* instances = FindMember(body, "instances");
  if (instances == nullptr || !instances->is_array() || instances->empty()) {
    return ApiError{ErrorId::kInstancesMissing, {}};
  }
  if (instances->size() > kMaxInstancesInAction) return ApiError{ErrorId::kTooManyInstances, {}};
  for (const Json& id : *instances) {
    if (!id.is_string() || !IsUuid(id.get_ref<const std::string&>())) {
      return ApiError{ErrorId::kInvalidInstanceId, {}};
    }
    request.instances.push_back(id.get<std::string>());
  }
  return request;
}

}  // namespace dcs::rest
