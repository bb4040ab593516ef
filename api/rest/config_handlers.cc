#include "api/rest/config_handlers.h"

#include <nlohmann/json.hpp>
#include <variant>

#include "api/rest/config_json.h"
#include "api/rest/request_body.h"

namespace dcs::rest {
namespace {

ErrorId NotConfigurable(api::InstancePhase phase) {
  switch (phase) {
    case api::InstancePhase::kCreating:
      return ErrorId::kInstanceCreating;
    case api::InstancePhase::kRestarting:
      return ErrorId::kInstanceRestarting;
    default:
      return ErrorId::kWrongInstanceState;
  }
}

}  // namespace

Answer ListConfigurations(const Call& call) { return JsonSuccess(ConfigJson(*call.instance)); }

Answer UpdateConfigurations(const Call& call) {
  if (!call.instance->running()) return ApiError{NotConfigurable(call.instance->phase), {}};
  const ParsedBody& body = call.body;
  if (const auto* error = std::get_if<ApiError>(&body)) return *error;
  const auto changes = ParseConfigChanges(std::get<Json>(body), call.instance->spec);
  if (const auto* error = std::get_if<ApiError>(&changes)) return *error;
  // The table has accepted the values; a Redis process that refuses them is a bug.
  const absl::Status status =
      call.lifecycle.Configure(*call.instance, std::get<api::RedisParameters>(changes));
  if (!status.ok()) return ApiError{ErrorId::kInternal, {}};
  return Success{.status = 204, .content_type = {}, .body = {}};
}

}  // namespace dcs::rest
