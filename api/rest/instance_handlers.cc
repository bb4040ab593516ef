#include "api/rest/instance_handlers.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "api/rest/instance_body.h"
#include "api/rest/instance_json.h"
#include "api/rest/instance_query.h"
#include "api/rest/request_body.h"

namespace dcs::rest {
namespace {

using api::Instance;
using api::InstancePhase;
using api::InstanceSpec;

// One spec for each requested instance.
std::vector<InstanceSpec> Specs(const CreateRequest& request, const Call& call) {
  std::vector<InstanceSpec> specs;
  const std::string order_id = request.spec.prepaid ? call.lifecycle.NewId() : "";
  for (int i = 1; i <= request.count; ++i) {
    InstanceSpec& spec = specs.emplace_back(request.spec);
    spec.id = call.lifecycle.NewId();
    spec.project_id = call.options.project_id;
    spec.order_id = order_id;
    if (request.count > 1) spec.name += "-" + std::to_string(i);
  }
  return specs;
}

bool Begin(const Call& call, const std::string& id, InstanceAction action) {
  Instance* instance = call.registry.Find(id);
  if (instance == nullptr || !instance->running()) return false;
  switch (action) {
    case InstanceAction::kRestart:
      call.lifecycle.Restart(*instance, api::RestartKind::kInstance);
      break;
    case InstanceAction::kSoftRestart:
      call.lifecycle.Restart(*instance, api::RestartKind::kProcess);
      break;
    case InstanceAction::kFlush:
      call.lifecycle.Flush(*instance);
      break;
  }
  return true;
}

}  // namespace

Answer CreateInstance(const Call& call) {
  const ParsedBody& body = call.body;
  if (const auto* error = std::get_if<ApiError>(&body)) return *error;
  const auto request = ParseCreateRequest(std::get<Json>(body));
  if (const auto* error = std::get_if<ApiError>(&request)) return *error;
  const uint16_t port = std::get<CreateRequest>(request).spec.port;
  if (port != 0 && !call.lifecycle.IsPortFree(port)) {
    return ApiError{ErrorId::kInvalidParameter, "port"};
  }
  std::vector<InstanceSpec> specs = Specs(std::get<CreateRequest>(request), call);
  for (const InstanceSpec& spec : specs) {
    if (call.registry.FindByName(spec.name) != nullptr) {
      return ApiError{ErrorId::kInstanceNameExists, {}};
    }
  }
  // All instances or none.
  if (!call.lifecycle.HasRoomFor(specs.size())) return ApiError{ErrorId::kJobSubmissionFailed, {}};
  std::vector<const Instance*> created;
  for (InstanceSpec& spec : specs) {
    const auto instance = call.lifecycle.Create(std::move(spec));
    if (!instance.ok()) return ApiError{ErrorId::kJobSubmissionFailed, {}};
    created.push_back(*instance);
  }
  return JsonSuccess(CreatedJson(created));
}

Answer ListInstances(const Call& call) {
  const auto parsed = ParseInstanceQuery(call.request);
  if (const auto* error = std::get_if<ApiError>(&parsed)) return *error;
  const InstanceQuery& query = std::get<InstanceQuery>(parsed);
  Json rows = Json::array();
  size_t matching = 0;
  for (const auto& instance : call.registry.instances()) {
    if (!query.Matches(*instance)) continue;
    const size_t place = matching++;
    if (place >= query.offset && rows.size() < query.limit) {
      rows.push_back(InstanceRowJson(*instance));
    }
  }
  return JsonSuccess({{"instance_num", matching}, {"instances", std::move(rows)}});
}

Answer ShowInstance(const Call& call) { return JsonSuccess(InstanceDetailsJson(*call.instance)); }

Answer DeleteInstance(const Call& call) {
  if (!api::Lifecycle::CanDelete(*call.instance)) {
    const InstancePhase phase = call.instance->phase;
    const bool starting = phase == InstancePhase::kCreating || phase == InstancePhase::kRestarting;
    return ApiError{starting ? ErrorId::kInstanceNotDeletable : ErrorId::kWrongInstanceState, {}};
  }
  call.lifecycle.Delete(*call.instance);
  return Success{.status = 204, .content_type = {}, .body = {}};
}

Answer ChangeInstances(const Call& call) {
  const ParsedBody& body = call.body;
  if (const auto* error = std::get_if<ApiError>(&body)) return *error;
  const auto request = ParseActionRequest(std::get<Json>(body));
  if (const auto* error = std::get_if<ApiError>(&request)) return *error;
  const ActionRequest& action = std::get<ActionRequest>(request);
  Json results = Json::array();
  for (const std::string& id : action.instances) {
    const bool begun = Begin(call, id, action.action);
    results.push_back({{"instance", id}, {"result", begun ? "success" : "failed"}});
  }
  return JsonSuccess({{"results", std::move(results)}});
}

Answer ListGroups(const Call& call) { return JsonSuccess(GroupsJson(*call.instance)); }

}  // namespace dcs::rest
