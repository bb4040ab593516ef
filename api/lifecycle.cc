#include "api/lifecycle.h"

#include <cassert>
#include <utility>

#include "absl/strings/str_cat.h"
#include "scanner/keyspace_target.h"

namespace dcs::api {
namespace {

// Another process may have the port for a moment: 5 s of real time in all.
constexpr int kReopenAttempts = 50;
constexpr int64_t kReopenPauseMs = 100;

// What INFO calls the engine: the last release of each series that DCS offers.
std::string_view RedisVersion(std::string_view engine_version) {
  constexpr std::pair<std::string_view, std::string_view> kReleases[] = {
      {"3.0", "3.0.7"}, {"4.0", "4.0.14"}, {"5.0", "5.0.14"}, {"6.0", "6.0.20"}, {"7.0", "7.0.15"}};
  for (const auto& [series, release] : kReleases) {
    if (series == engine_version) return release;
  }
  return engine_version;
}

scanner::NaturalDeletionPolicy PolicyOf(NaturalDeletionKind kind,
                                        const scanner::NaturalDeletionTuning& tuning) {
  return kind == NaturalDeletionKind::kDcs ? scanner::DcsNaturalDeletion(tuning)
                                           : scanner::RedisNaturalDeletion(tuning);
}

bool KeysSurviveRestart(const Instance& instance) {
  const ConfigParameter* persistence = FindConfigParameter("appendonly", instance.spec);
  return persistence != nullptr && instance.config.Get(*persistence) == "yes";
}

scanner::ScanTargets TargetsOf(const Instance& instance) {
  scanner::ScanTargets targets;
  for (const std::shared_ptr<Node>& node : instance.nodes) {
    targets.push_back(std::make_unique<scanner::KeyspaceTarget>(node->keyspace, node->clock));
  }
  return targets;
}

void ClearKeys(Instance& instance) {
  for (const std::shared_ptr<Node>& node : instance.nodes) {
    node->keyspace.Clear(store::FreeMode::kLazy);
  }
}

// The values of the parameters in `changes` before the change.
RedisParameters ValuesBefore(const Instance& instance, const RedisParameters& changes) {
  RedisParameters before;
  for (const auto& [name, value] : changes) {
    const ConfigParameter* parameter = FindConfigParameter(name, instance.spec);
    before.emplace_back(name, instance.config.Get(*parameter));
  }
  return before;
}

// A Redis that loads its keys from a file leaves out those that have expired.
void ReleaseExpired(store::Keyspace& keyspace, store::TimeMs now) {
  constexpr size_t kKeysPerStep = 10'000;
  store::SweepCursor cursor;
  while (!keyspace.Sweep(cursor, kKeysPerStep, now).done) {
  }
}

}  // namespace

Lifecycle::Lifecycle(scanner::Scheduler& scheduler, Registry& registry, LifecycleOptions options,
                     LifecycleParts parts)
    : scheduler_(scheduler),
      real_time_(parts.real_time != nullptr ? *parts.real_time : scheduler),
      registry_(registry),
      options_(std::move(options)),
      parts_(std::move(parts)) {}

Lifecycle::~Lifecycle() { Stop("the simulator has ended"); }

// ---- Making one ---------------------------------------------------------------------------------

std::shared_ptr<Node> Lifecycle::NewNode(const InstanceSpec& spec) const {
  auto node = std::make_shared<Node>(parts_.keyspace_options(), scheduler_.clock());
  node->engine_version = RedisVersion(spec.engine_version);
  node->password = spec.password;
  node->host = options_.host;
  node->scheduler = &scheduler_;
  // Natural deletion is a part of the node, so it may refer to it.
  node->natural_deletion = std::make_unique<scanner::NaturalDeletion>(
      scheduler_, node->keyspace,
      [kind = options_.natural_deletion, &tuning = node->tuning] {
        return PolicyOf(kind, tuning.Load());
      },
      parts_.work_meter);
  return node;
}

Instance& Lifecycle::Add(InstanceSpec spec, uint64_t generation) {
  auto instance = std::make_unique<Instance>();
  instance->generation = generation;
  instance->spec = std::move(spec);
  instance->spec.created_at = scheduler_.clock().Now();
  const size_t nodes = parts_.node_count ? parts_.node_count(instance->spec) : 1;
  for (size_t i = 0; i < nodes; ++i) {
    instance->nodes.push_back(NewNode(instance->spec));
    instance->nodes.back()->generation = generation;
  }
  instance->scans = std::make_unique<scanner::ScanService>(
      scheduler_, [&scanned = *instance] { return TargetsOf(scanned); }, parts_.new_id,
      options_.scans);
  instance->scans->Suspend("the instance is being created");
  instance->auto_scan =
      std::make_unique<scanner::AutoScan>(scheduler_, *instance->scans, options_.auto_scan);
  const auto tell = [this, &changed = *instance] { change_listeners_.Tell(changed); };
  instance->scans->change_listeners().Add(tell);
  instance->auto_scan->change_listeners().Add(tell);
  return registry_.Add(std::move(instance));
}

absl::StatusOr<Instance*> Lifecycle::Launch(InstanceSpec spec) {
  Instance& instance = Add(std::move(spec), ++last_generation_);
  absl::Status status = OpenFronts(instance, {instance.spec.port}, TakenPort::kFails);
  if (!status.ok()) {
    registry_.Remove(instance.id());
    return status;
  }
  EnterService(instance);
  return &instance;
}

absl::StatusOr<Instance*> Lifecycle::Create(InstanceSpec spec) {
  if (registry_.Find(spec.id) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat("there is an instance ", spec.id));
  }
  if (!HasRoomFor(1)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there are ", registry_.instances().size(), " instances, as many as may be"));
  }
  Instance& instance = Add(std::move(spec), ++last_generation_);
  Begin(instance, InstancePhase::kCreating, options_.create_ms, &Lifecycle::EndCreate);
  return &instance;
}

bool Lifecycle::IsPortFree(uint16_t port) const {
  for (const auto& instance : registry_.instances()) {
    if (instance->phase == InstancePhase::kDeleting) continue;  // it gives its ports up
    if (instance->phase == InstancePhase::kCreating && instance->spec.port == port) return false;
    for (const std::shared_ptr<Node>& node : instance->nodes) {
      if (node->resp_port == port) return false;
    }
  }
  return !parts_.can_listen || parts_.can_listen(port);
}

absl::StatusOr<Instance*> Lifecycle::Restore(
    const InstanceRecord& record, const std::function<absl::Status(Instance& instance)>& fill) {
  RaiseGeneration(record.generation);
  Instance& instance = Add(record.spec, record.generation);
  instance.spec.created_at = record.spec.created_at;
  instance.config = record.config;
  instance.launched_at = record.launched_at;
  instance.scans->Restore(record.scans);
  instance.auto_scan->Restore(record.auto_scan);
  std::vector<uint16_t> ports = record.ports;
  if (ports.empty()) ports.push_back(0);
  if (ports.front() == 0) ports.front() = instance.spec.port;
  absl::Status status = fill(instance);
  if (status.ok()) status = OpenFronts(instance, ports, TakenPort::kIsReplaced);
  if (!status.ok()) {
    registry_.Remove(instance.id());
    return status;
  }
  EnterService(instance);
  return &instance;
}

void Lifecycle::EndCreate(Instance& instance) {
  if (!OpenFronts(instance, {instance.spec.port}, TakenPort::kIsReplaced).ok()) {
    instance.phase = InstancePhase::kCreateFailed;
    change_listeners_.Tell(instance);
    return;
  }
  EnterService(instance);
}

// ---- In and out of service ----------------------------------------------------------------------

void Lifecycle::Begin(Instance& instance, InstancePhase phase, int64_t ms, End end) {
  instance.phase = phase;
  change_listeners_.Tell(instance);
  instance.transition = scheduler_.After(ms, [this, &instance, end] {
    instance.transition = 0;
    (this->*end)(instance);
  });
}

absl::Status Lifecycle::OpenFront(const Instance& instance, const std::shared_ptr<Node>& node,
                                  uint16_t port) const {
  auto front = parts_.new_front(node, port, RedisParametersOf(instance.spec, instance.config));
  if (!front.ok()) return front.status();
  node->front = *std::move(front);
  node->resp_port = node->front->port();
  return absl::OkStatus();
}

absl::Status Lifecycle::OpenFronts(Instance& instance, const std::vector<uint16_t>& ports,
                                   TakenPort taken) const {
  for (size_t i = 0; i < instance.nodes.size(); ++i) {
    const uint16_t port = i < ports.size() ? ports[i] : 0;
    absl::Status status = OpenFront(instance, instance.nodes[i], port);
    if (!status.ok() && port != 0 && taken == TakenPort::kIsReplaced) {
      status = OpenFront(instance, instance.nodes[i], 0);
    }
    if (!status.ok()) {
      CloseFronts(instance);
      return status;
    }
  }
  return absl::OkStatus();
}

void Lifecycle::CloseFronts(Instance& instance) {
  for (const std::shared_ptr<Node>& node : instance.nodes) node->front.reset();
}

void Lifecycle::EnterService(Instance& instance) {
  instance.phase = InstancePhase::kRunning;
  if (!instance.launched_at) instance.launched_at = scheduler_.clock().Now();
  for (const std::shared_ptr<Node>& node : instance.nodes) {
    node->natural_deletion->set_enabled(options_.natural_deletion != NaturalDeletionKind::kOff);
    node->natural_deletion->Start();
  }
  instance.scans->Resume();
  change_listeners_.Tell(instance);
}

void Lifecycle::LeaveService(Instance& instance, std::string_view reason) {
  instance.scans->Suspend(reason);
  CloseFronts(instance);
  for (const std::shared_ptr<Node>& node : instance.nodes) node->natural_deletion->Stop();
}

void Lifecycle::Restart(Instance& instance, RestartKind kind) {
  assert(instance.running() && "Restart: the instance must be running");
  LeaveService(instance, "the instance was restarted");
  Begin(instance, InstancePhase::kRestarting,
        kind == RestartKind::kInstance ? options_.restart_ms : options_.soft_restart_ms,
        &Lifecycle::EndRestart);
}

void Lifecycle::EndRestart(Instance& instance) {
  if (KeysSurviveRestart(instance)) {
    for (const std::shared_ptr<Node>& node : instance.nodes) {
      ReleaseExpired(node->keyspace, scheduler_.clock().Now());
    }
  } else {
    ClearKeys(instance);
  }
  Reopen(instance, kReopenAttempts);
}

void Lifecycle::Reopen(Instance& instance, int attempts_left) {
  std::vector<uint16_t> ports;
  for (const std::shared_ptr<Node>& node : instance.nodes) ports.push_back(node->resp_port);
  if (OpenFronts(instance, ports, TakenPort::kFails).ok()) {
    for (const std::shared_ptr<Node>& node : instance.nodes) {
      node->started_at = scheduler_.clock().Now();
    }
    EnterService(instance);
  } else if (attempts_left == 0) {
    instance.phase = InstancePhase::kError;
  } else {
    instance.reopening = real_time_.After(kReopenPauseMs, [this, &instance, attempts_left] {
      instance.reopening = 0;
      Reopen(instance, attempts_left - 1);
    });
  }
}

void Lifecycle::Flush(Instance& instance) {
  assert(instance.running() && "Flush: the instance must be running");
  instance.scans->Suspend("the instance was flushed");
  ClearKeys(instance);
  Begin(instance, InstancePhase::kFlushing, options_.flush_ms, &Lifecycle::EndFlush);
}

void Lifecycle::EndFlush(Instance& instance) {
  instance.phase = InstancePhase::kRunning;
  instance.scans->Resume();
}

// ---- The end ------------------------------------------------------------------------------------

bool Lifecycle::CanDelete(const Instance& instance) {
  return instance.running() || instance.phase == InstancePhase::kCreateFailed ||
         instance.phase == InstancePhase::kError;
}

void Lifecycle::Delete(Instance& instance) {
  assert(CanDelete(instance) && "Delete: the instance must be one that can be deleted");
  LeaveService(instance, "the instance was deleted");
  // The background thread destroys the keys now, so that the removal of a large instance is short.
  ClearKeys(instance);
  Begin(instance, InstancePhase::kDeleting, options_.delete_ms, &Lifecycle::EndDelete);
}

void Lifecycle::EndDelete(Instance& instance) {
  instance.auto_scan.reset();
  instance.scans->Stop("the instance was deleted");
  change_listeners_.Tell(instance);
  registry_.Remove(instance.id());
}

std::vector<std::shared_ptr<Node>> Lifecycle::RemoveAll(std::string_view reason) {
  Stop(reason);
  std::vector<std::shared_ptr<Node>> nodes;
  while (!registry_.instances().empty()) {
    const Instance& instance = *registry_.instances().back();
    nodes.insert(nodes.end(), instance.nodes.begin(), instance.nodes.end());
    change_listeners_.Tell(instance);
    registry_.Remove(instance.id());
  }
  return nodes;
}

void Lifecycle::Stop(std::string_view reason) {
  for (const auto& instance : registry_.instances()) {
    if (instance->transition != 0) scheduler_.Cancel(std::exchange(instance->transition, 0));
    if (instance->reopening != 0) real_time_.Cancel(std::exchange(instance->reopening, 0));
    LeaveService(*instance, reason);
    if (instance->auto_scan != nullptr) instance->auto_scan->Stop();
    instance->scans->Stop(reason);
  }
}

absl::Status Lifecycle::Configure(Instance& instance, const RedisParameters& changes) {
  RedisParameters for_redis;
  for (const auto& change : changes) {
    const ConfigParameter* parameter = FindConfigParameter(change.first, instance.spec);
    if (parameter != nullptr && parameter->in_redis) for_redis.push_back(change);
  }
  for (size_t i = 0; i < instance.nodes.size(); ++i) {
    if (instance.nodes[i]->front == nullptr) continue;
    absl::Status status = instance.nodes[i]->front->SetParameters(for_redis);
    if (status.ok()) continue;
    const RedisParameters before = ValuesBefore(instance, for_redis);
    for (size_t set = 0; set < i; ++set) {
      instance.nodes[set]->front->SetParameters(before).IgnoreError();
    }
    return status;
  }
  for (const auto& [name, value] : changes) instance.config.values.insert_or_assign(name, value);
  instance.config.changed_at = scheduler_.clock().Now();
  change_listeners_.Tell(instance);
  return absl::OkStatus();
}

}  // namespace dcs::api
