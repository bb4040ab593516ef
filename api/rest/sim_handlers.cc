#include "api/rest/sim_handlers.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "api/rest/identifiers.h"
#include "api/rest/query_values.h"
#include "api/rest/scan_json.h"
#include "api/rest/time_format.h"
#include "scanner/fast_sweep.h"
#include "scanner/keyspace_target.h"

namespace dcs::rest {
namespace {

constexpr int64_t kMaxFastSweepThreads = 64;

// The instance named by the query, or all instances.
std::variant<std::vector<api::Instance*>, ApiError> InstancesInQuery(const Call& call) {
  const std::optional<std::string_view> id = call.request.FindQuery("instance_id");
  if (!id) {
    std::vector<api::Instance*> all;
    for (const auto& instance : call.registry.instances()) all.push_back(instance.get());
    return all;
  }
  if (!IsUuid(*id)) return ApiError{ErrorId::kInvalidInstanceId, {}};
  api::Instance* instance = call.registry.Find(*id);
  if (instance == nullptr) return ApiError{ErrorId::kInstanceNotFound, {}};
  return std::vector<api::Instance*>{instance};
}

// All nodes of the instances. Deferred work holds these, because an instance may be deleted meanwhile.
std::vector<std::shared_ptr<api::Node>> NodesOf(const std::vector<api::Instance*>& instances) {
  std::vector<std::shared_ptr<api::Node>> nodes;
  for (const api::Instance* instance : instances) {
    nodes.insert(nodes.end(), instance->nodes.begin(), instance->nodes.end());
  }
  return nodes;
}

struct KeptNode {
  std::string instance_id;
  size_t number;
  std::shared_ptr<api::Node> node;
};

Outcome SaveAll(const std::vector<KeptNode>& nodes, const ApiOptions& options) {
  const int64_t began_ns = options.meter.real_ns();
  store::SnapshotSize sum;
  for (const KeptNode& kept : nodes) {
    const auto size = options.save_keys(kept.instance_id, kept.number, *kept.node);
    if (absl::IsCancelled(size.status())) continue;  // the instance was deleted meanwhile
    if (!size.ok()) {
      spdlog::error("no snapshot of instance {}: {}", kept.instance_id, size.status().ToString());
      return ApiError{ErrorId::kInternal, {}};
    }
    sum.keys += size->keys;
    sum.bytes += size->bytes;
  }
  return JsonSuccess({{"keys", sum.keys},
                      {"bytes", sum.bytes},
                      {"seconds", static_cast<double>(options.meter.real_ns() - began_ns) / 1e9}});
}

}  // namespace

Answer ShowHealth(const Call& call) {
  Json instances = Json::array();
  for (const auto& instance : call.registry.instances()) {
    instances.push_back({{"instance_id", instance->id()},
                         {"name", instance->spec.name},
                         {"engine_version", instance->spec.engine_version},
                         {"status", ToString(instance->phase)},
                         {"ip", instance->master().host},
                         {"port", instance->master().resp_port.load()}});
  }
  const absl::Status kept = call.options.keeping ? call.options.keeping() : absl::OkStatus();
  Json health = {{"status", kept.ok() ? "ok" : "degraded"}};
  if (!kept.ok()) health["reason"] = std::string(kept.message());
  health["now"] = FormatTime(call.clock.Now());
  health["project_id"] = call.options.project_id;
  health["instances"] = std::move(instances);
  return JsonSuccess(health);
}

Answer ShowCensus(const Call& call) {
  const auto found = InstancesInQuery(call);
  if (const auto* error = std::get_if<ApiError>(&found)) return *error;
  return Deferred{[nodes = NodesOf(std::get<std::vector<api::Instance*>>(found)),
                   &clock = call.clock]() -> Outcome {
    store::Census sum;
    for (const auto& node : nodes) {
      const store::Census census = node->keyspace.TakeCensus(clock.Now());
      sum.keys += census.keys;
      sum.keys_with_deadline += census.keys_with_deadline;
      sum.expired_keys += census.expired_keys;
      sum.expired_bytes += census.expired_bytes;
      sum.used_bytes += census.used_bytes;
      sum.held_bytes += census.held_bytes;
    }
    return JsonSuccess({{"keys", sum.keys},
                        {"keys_with_deadline", sum.keys_with_deadline},
                        {"expired_keys", sum.expired_keys},
                        {"expired_bytes", sum.expired_bytes},
                        {"used_bytes", sum.used_bytes},
                        {"held_bytes", sum.held_bytes}});
  }};
}

Answer FastSweep(const Call& call) {
  const auto found = InstancesInQuery(call);
  if (const auto* error = std::get_if<ApiError>(&found)) return *error;
  const auto threads = QueryNumber(call.request, "threads", 1, kMaxFastSweepThreads, 1);
  if (const auto* error = std::get_if<ApiError>(&threads)) return *error;
  return Deferred{[nodes = NodesOf(std::get<std::vector<api::Instance*>>(found)),
                   &clock = call.clock, &meter = call.options.meter,
                   threads = static_cast<size_t>(std::get<int64_t>(threads))]() -> Outcome {
    scanner::FastSweepResult sum;
    for (const auto& node : nodes) {
      scanner::KeyspaceTarget target(node->keyspace, clock);
      const scanner::FastSweepResult swept = scanner::RunFastSweep(target, threads, meter);
      sum.found.visited += swept.found.visited;
      sum.found.released += swept.found.released;
      sum.found.released_bytes += swept.found.released_bytes;
      sum.seconds += swept.seconds;
      sum.cpu_seconds += swept.cpu_seconds;
    }
    return JsonSuccess(FastSweepJson(sum));
  }};
}

Answer SaveSnapshot(const Call& call) {
  if (!call.options.save_keys) return ApiError{ErrorId::kUrlNotFound, {}};
  const auto found = InstancesInQuery(call);
  if (const auto* error = std::get_if<ApiError>(&found)) return *error;
  std::vector<KeptNode> nodes;
  for (const api::Instance* instance : std::get<std::vector<api::Instance*>>(found)) {
    // The state that is written next no longer has an instance that is being deleted.
    if (instance->phase == api::InstancePhase::kDeleting) continue;
    for (size_t i = 0; i < instance->nodes.size(); ++i) {
      nodes.push_back({instance->id(), i, instance->nodes[i]});
    }
  }
  return Deferred{[nodes = std::move(nodes), &options = call.options]() -> Outcome {
    return SaveAll(nodes, options);
  }};
}

Answer ShowScanProgress(const Call& call) {
  const auto found = InstancesInQuery(call);
  if (const auto* error = std::get_if<ApiError>(&found)) return *error;
  const std::optional<std::string_view> id = call.request.FindQuery("id");
  if (!id) return ApiError{ErrorId::kInvalidParameter, "id"};
  if (!IsUuid(*id)) return ApiError{ErrorId::kInvalidTaskId, {}};
  for (const api::Instance* instance : std::get<std::vector<api::Instance*>>(found)) {
    if (const auto task = instance->scans->Find(*id)) return JsonSuccess(ScanProgressJson(*task));
  }
  return ApiError{ErrorId::kUrlNotFound, {}};
}

Answer Reset(const Call& call) {
  if (!call.options.reset) {
    return ApiError{ErrorId::kResetFailed, "this simulator has no started state"};
  }
  call.authenticator.Reset();
  return Awaited{[&reset = call.options.reset, &clock = call.clock](auto done) {
    reset([done, &clock](const absl::Status& status) {
      if (!status.ok()) return done(ApiError{ErrorId::kResetFailed, std::string(status.message())});
      done(JsonSuccess({{"status", "ok"}, {"now", FormatTime(clock.Now())}}));
    });
  }};
}

}  // namespace dcs::rest
