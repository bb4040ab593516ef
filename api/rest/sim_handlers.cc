#include "api/rest/sim_handlers.h"

#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "api/rest/identifiers.h"
#include "api/rest/scan_json.h"
#include "api/rest/time_format.h"

namespace dcs::rest {
namespace {

std::variant<api::Instance*, ApiError> InstanceInQuery(const Call& call) {
  const std::optional<std::string_view> id = call.request.FindQuery("instance_id");
  if (!id) {
    if (call.registry.instances().size() == 1) return call.registry.instances().front().get();
    return ApiError{ErrorId::kInvalidParameter, "instance_id"};
  }
  if (!IsUuid(*id)) return ApiError{ErrorId::kInvalidInstanceId, {}};
  api::Instance* instance = call.registry.Find(*id);
  if (instance == nullptr) return ApiError{ErrorId::kInstanceNotFound, {}};
  return instance;
}

}  // namespace

Answer ShowHealth(const Call& call) {
  Json instances = Json::array();
  for (const auto& instance : call.registry.instances()) {
    instances.push_back({{"instance_id", instance->id},
                         {"name", instance->name},
                         {"engine_version", instance->engine_version},
                         {"ip", instance->master().host},
                         {"port", instance->master().resp_port}});
  }
  return JsonSuccess({{"status", "ok"},
                      {"now", FormatTime(call.clock.Now())},
                      {"project_id", call.options.project_id},
                      {"instances", std::move(instances)}});
}

Answer ShowCensus(const Call& call) {
  const auto found = InstanceInQuery(call);
  if (const auto* error = std::get_if<ApiError>(&found)) return *error;
  const store::Census census =
      std::get<api::Instance*>(found)->master().keyspace.TakeCensus(call.clock.Now());
  return JsonSuccess({{"keys", census.keys},
                      {"keys_with_deadline", census.keys_with_deadline},
                      {"expired_keys", census.expired_keys},
                      {"expired_bytes", census.expired_bytes},
                      {"used_bytes", census.used_bytes}});
}

Answer ShowScanProgress(const Call& call) {
  const auto found = InstanceInQuery(call);
  if (const auto* error = std::get_if<ApiError>(&found)) return *error;
  const std::optional<std::string_view> id = call.request.FindQuery("id");
  if (!id) return ApiError{ErrorId::kInvalidParameter, "id"};
  if (!IsUuid(*id)) return ApiError{ErrorId::kInvalidTaskId, {}};
  const std::optional<scanner::ScanTask> task = std::get<api::Instance*>(found)->scans->Find(*id);
  if (!task) return ApiError{ErrorId::kUrlNotFound, {}};
  return JsonSuccess(ScanProgressJson(*task));
}

}  // namespace dcs::rest
