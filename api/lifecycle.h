// Makes instances and changes what they are doing: create, restart, flush, delete.
//
//   Lifecycle lifecycle(scheduler, registry, {.create_ms = 2'000}, parts);
//   Instance& instance = **lifecycle.Create(spec);   // CREATING, and listed
//   ...                                              // two seconds later: RUNNING, port known
//   lifecycle.Delete(instance);                      // DELETING; half a second later: gone
//
// Every change takes the time that the options say, by the scheduler's clock; instance_phase.h
// draws them. Whatever ends or interrupts an instance's service fails the scan that runs; scans
// that wait, and automatic ones, wait for RUNNING.
//
// What survives a restart follows the service: nothing on a single node; on master/standby all keys
// that have not expired, unless appendonly was set to no.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "api/instance.h"
#include "api/instance_record.h"
#include "api/registry.h"
#include "scanner/listeners.h"

namespace dcs::api {

enum class NaturalDeletionKind : uint8_t { kOff, kRedis, kDcs };
enum class RestartKind : uint8_t { kInstance, kProcess };  // the API's restart and soft_restart

struct LifecycleOptions {
  int64_t create_ms = 2'000;
  int64_t restart_ms = 2'000;
  int64_t soft_restart_ms = 1'000;
  int64_t flush_ms = 500;
  int64_t delete_ms = 500;
  size_t max_instances = 100;
  std::string host = "127.0.0.1";  // where Redis clients find them
  NaturalDeletionKind natural_deletion = NaturalDeletionKind::kRedis;
  scanner::ScanServiceOptions scans = {};
  scanner::AutoScanOptions auto_scan = {};
};

// What instances are made of.
struct LifecycleParts {
  std::function<std::string()> new_id;  // a UUID
  std::function<store::KeyspaceOptions()> keyspace_options;
  // The number of nodes of an instance. Empty: one, as for single and master/standby.
  std::function<size_t(const InstanceSpec& spec)> node_count = {};
  scanner::NaturalDeletion::WorkMeter work_meter;
  RedisFrontFactory new_front;
  // Whether the system lets us listen on the port now. Empty: always.
  std::function<bool(uint16_t port)> can_listen = {};
  // Waits for what other processes do, which takes real time whatever the clock shows. nullptr: the
  // lifecycle's own scheduler. Must outlive the lifecycle.
  scanner::Scheduler* real_time = nullptr;
};

// Thread safety: one thread, the scheduler's.
class Lifecycle {
 public:
  // `scheduler` and `registry` must outlive it.
  Lifecycle(scanner::Scheduler& scheduler, Registry& registry, LifecycleOptions options,
            LifecycleParts parts);
  // Ends as Stop does.
  ~Lifecycle();
  Lifecycle(const Lifecycle&) = delete;
  Lifecycle& operator=(const Lifecycle&) = delete;

  Registry& registry() { return registry_; }
  std::string NewId() const { return parts_.new_id(); }

  // Adds an instance that runs at once, on the port that its spec wishes. Errors: kUnavailable
  // where that cannot be listened on; then there is no instance.
  absl::StatusOr<Instance*> Launch(InstanceSpec spec);
  // Adds one that is being created. If the port of its spec is taken at the end of that, it gets a
  // free one. Errors: kAlreadyExists for an ID that exists, kResourceExhausted if there are as many as
  // may be.
  absl::StatusOr<Instance*> Create(InstanceSpec spec);
  // Brings one back that was there when the program ended, whatever it was doing: it runs at once, on
  // the port that it had or, where that is taken, another one. `fill` puts its keys back before
  // clients can connect. REQUIRES: the record's scans have all ended. Errors: `fill`'s, and
  // kUnavailable where no port can be listened on; then there is no instance.
  absl::StatusOr<Instance*> Restore(const InstanceRecord& record,
                                    const std::function<absl::Status(Instance& instance)>& fill);
  // Instances launched from now on have a generation above `generation`.
  void RaiseGeneration(uint64_t generation) {
    last_generation_ = std::max(last_generation_, generation);
  }
  // Whether an instance created now could have the port: no instance has it or is about to get it,
  // and nobody else on this machine listens on it.
  bool IsPortFree(uint16_t port) const;
  bool HasRoomFor(size_t instances) const {
    return registry_.instances().size() + instances <= options_.max_instances;
  }

  // Drops all clients. REQUIRES: it is running.
  void Restart(Instance& instance, RestartKind kind);
  // Removes all keys; clients stay. REQUIRES: it is running.
  void Flush(Instance& instance);
  // REQUIRES: CanDelete.
  void Delete(Instance& instance);
  static bool CanDelete(const Instance& instance);

  // Sets parameters that the table has accepted. Errors: the Redis process's; then none is set.
  absl::Status Configure(Instance& instance, const RedisParameters& changes);

  // Told after each change of an instance's record (instance_record.h), and when an instance is
  // about to be removed.
  scanner::Listeners<const Instance&>& change_listeners() { return change_listeners_; }

  // Ends and removes all instances, at once. Returns their nodes: who destroys a large one waits
  // until its keys are freed. Their clients lose their connections soon, their ports are free then.
  std::vector<std::shared_ptr<Node>> RemoveAll(std::string_view reason);

  // Ends the service of all instances; what is going on never ends. Idempotent.
  void Stop(std::string_view reason);

 private:
  using End = void (Lifecycle::*)(Instance& instance);

  Instance& Add(InstanceSpec spec, uint64_t generation);
  std::shared_ptr<Node> NewNode(const InstanceSpec& spec) const;
  // Enters `phase` now and calls `end` after `ms`.
  void Begin(Instance& instance, InstancePhase phase, int64_t ms, End end);
  void LeaveService(Instance& instance, std::string_view reason);
  void EnterService(Instance& instance);
  absl::Status OpenFront(const Instance& instance, const std::shared_ptr<Node>& node,
                         uint16_t port) const;
  // What OpenFronts does if it cannot listen on a port.
  enum class TakenPort : uint8_t { kFails, kIsReplaced };
  // Opens the fronts of all nodes, or none. Nodes beyond the end of `ports` get free ones.
  absl::Status OpenFronts(Instance& instance, const std::vector<uint16_t>& ports,
                          TakenPort taken) const;
  static void CloseFronts(Instance& instance);

  void EndCreate(Instance& instance);
  void EndRestart(Instance& instance);
  void Reopen(Instance& instance, int attempts_left);
  void EndFlush(Instance& instance);
  void EndDelete(Instance& instance);

  scanner::Scheduler& scheduler_;
  scanner::Scheduler& real_time_;  // LifecycleParts::real_time, or scheduler_
  Registry& registry_;
  const LifecycleOptions options_;
  const LifecycleParts parts_;
  scanner::Listeners<const Instance&> change_listeners_;
  uint64_t last_generation_ = 0;
};

}  // namespace dcs::api
