#include "api/state/restore.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

namespace dcs::state {
namespace {

constexpr char kFailure[] = "the program ended before the scan did";

void FailUnfinished(api::InstanceRecord& record, store::TimeMs now) {
  for (scanner::ScanTask& scan : record.scans) {
    if (scan.finished_at) continue;
    spdlog::warn("scan {} of instance {} has failed: {}", scan.id, record.spec.id, kFailure);
    scan.status = scanner::ScanStatus::kFailed;
    scan.finished_at = now;
    scan.failure = kFailure;
  }
}

void WarnOfOtherPorts(const api::InstanceRecord& record, const api::Instance& instance) {
  for (size_t i = 0; i < instance.nodes.size() && i < record.ports.size(); ++i) {
    const uint16_t port = record.ports[i];
    const uint16_t now_on = instance.nodes[i]->resp_port.load();
    if (port == 0 || now_on == port) continue;
    spdlog::warn("instance {} is on port {} now: port {} is taken", record.spec.id, now_on, port);
  }
}

absl::Status LoadNodes(const StateDirectory& directory, api::Instance& instance,
                       store::TimeMs now) {
  for (size_t i = 0; i < instance.nodes.size(); ++i) {
    api::Node& node = *instance.nodes[i];
    const absl::StatusOr<bool> loaded =
        directory.LoadKeys(instance.id(), i, instance.generation, node.keyspace, now);
    if (!loaded.ok()) return loaded.status();
    node.has_saved_keys = *loaded;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Restore(const StateDirectory& directory, const Survey& survey,
                     api::Lifecycle& lifecycle, const store::Clock& clock) {
  for (const RemovedInstance& gone : survey.state.removed) {
    lifecycle.RaiseGeneration(gone.generation);
  }
  for (api::InstanceRecord record : survey.state.instances) {
    FailUnfinished(record, clock.Now());
    const auto restored = lifecycle.Restore(record, [&](api::Instance& instance) {
      return LoadNodes(directory, instance, clock.Now());
    });
    if (!restored.ok()) return restored.status();
    WarnOfOtherPorts(record, **restored);
  }
  return absl::OkStatus();
}

}  // namespace dcs::state
