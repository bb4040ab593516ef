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
  instance->nodes.push_back(NewNode(instance->spec));
  instance->master().generation = generation;
  store::Keyspace& scanned = instance->master().keyspace;
  instance->scans = std::make_unique<scanner::ScanService>(
      scheduler_,
      [&scanned, &clock = scheduler_.clock()] {
        return scanner::OneTarget(std::make_unique<scanner::KeyspaceTarget>(scanned, clock));
      },
      parts_.new_id, options_.scans);
  instance->scans->Suspend("the instance is being created");
  instance->auto_scan =
      std::make_unique<scanner::AutoScan>(scheduler_, *instance->scans, options_.auto_scan);
  const auto tell = [this, &changed = *instance] { TellOfChange(changed); };
  instance->scans->change_listeners().Add(tell);
  instance->auto_scan->change_listeners().Add(tell);
  return registry_.Add(std::move(instance));
}

absl::StatusOr<Instance*> Lifecycle::Launch(InstanceSpec spec) {
  Instance& instance = Add(std::move(spec), ++last_generation_);
  if (absl::Status status = OpenFront(instance, instance.spec.port); !status.ok()) {
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
    const bool wished = instance->phase == InstancePhase::kCreating && instance->spec.port == port;
    const bool gives_up = instance->phase == InstancePhase::kDeleting;
    if (wished || (!gives_up && instance->master().resp_port == port)) return false;
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
  const uint16_t port = record.ports.empty() ? 0 : record.ports.front();
  absl::Status status = fill(instance);
  if (status.ok()) status = OpenFrontNear(instance, port != 0 ? port : instance.spec.port);
  if (!status.ok()) {
    registry_.Remove(instance.id());
    return status;
  }
  EnterService(instance);
  return &instance;
}

void Lifecycle::EndCreate(Instance& instance) {
  if (!OpenFrontNear(instance, instance.spec.port).ok()) {
    instance.phase = InstancePhase::kCreateFailed;
    TellOfChange(instance);
    return;
  }
  EnterService(instance);
}

// ---- In and out of service ----------------------------------------------------------------------

void Lifecycle::Begin(Instance& instance, InstancePhase phase, int64_t ms, End end) {
  instance.phase = phase;
  TellOfChange(instance);
  instance.transition = scheduler_.After(ms, [this, &instance, end] {
    instance.transition = 0;
    (this->*end)(instance);
  });
}

absl::Status Lifecycle::OpenFrontNear(Instance& instance, uint16_t port) {
  absl::Status status = OpenFront(instance, port);
  return status.ok() || port == 0 ? status : OpenFront(instance, 0);
}

absl::Status Lifecycle::OpenFront(Instance& instance, uint16_t port) {
  auto front = parts_.new_front(instance.nodes.front(), port,
                                RedisParametersOf(instance.spec, instance.config));
  if (!front.ok()) return front.status();
  instance.front = *std::move(front);
  instance.master().resp_port = instance.front->port();
  return absl::OkStatus();
}

void Lifecycle::EnterService(Instance& instance) {
  instance.phase = InstancePhase::kRunning;
  if (!instance.launched_at) instance.launched_at = scheduler_.clock().Now();
  scanner::NaturalDeletion& natural = *instance.master().natural_deletion;
  natural.set_enabled(options_.natural_deletion != NaturalDeletionKind::kOff);
  natural.Start();
  instance.scans->Resume();
  TellOfChange(instance);
}

void Lifecycle::LeaveService(Instance& instance, std::string_view reason) {
  instance.scans->Suspend(reason);
  instance.front.reset();
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
  Node& node = instance.master();
  if (KeysSurviveRestart(instance)) {
    ReleaseExpired(node.keyspace, scheduler_.clock().Now());
  } else {
    node.keyspace.Clear(store::FreeMode::kLazy);
  }
  Reopen(instance, kReopenAttempts);
}

void Lifecycle::Reopen(Instance& instance, int attempts_left) {
  if (OpenFront(instance, instance.master().resp_port).ok()) {
    instance.master().started_at = scheduler_.clock().Now();
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
  instance.master().keyspace.Clear(store::FreeMode::kLazy);
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
  // So that the end of a large one is not long: the background thread destroys its keys meanwhile.
  instance.master().keyspace.Clear(store::FreeMode::kLazy);
  Begin(instance, InstancePhase::kDeleting, options_.delete_ms, &Lifecycle::EndDelete);
}

void Lifecycle::EndDelete(Instance& instance) {
  instance.auto_scan.reset();
  instance.scans->Stop("the instance was deleted");
  TellOfChange(instance);
  registry_.Remove(instance.id());
}

std::vector<std::shared_ptr<Node>> Lifecycle::RemoveAll(std::string_view reason) {
  Stop(reason);
  std::vector<std::shared_ptr<Node>> nodes;
  while (!registry_.instances().empty()) {
    const Instance& instance = *registry_.instances().back();
    nodes.insert(nodes.end(), instance.nodes.begin(), instance.nodes.end());
    TellOfChange(instance);
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
  if (instance.front != nullptr) {
    absl::Status status = instance.front->SetParameters(for_redis);
    if (!status.ok()) return status;
  }
  for (const auto& [name, value] : changes) instance.config.values.insert_or_assign(name, value);
  instance.config.changed_at = scheduler_.clock().Now();
  TellOfChange(instance);
  return absl::OkStatus();
}

}  // namespace dcs::api
