// The instances that the simulator plays, found by their ID.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "api/instance_config.h"
#include "api/instance_spec.h"
#include "api/instance_status.h"
#include "api/node.h"
#include "api/redis_front.h"
#include "scanner/auto_scan.h"
#include "scanner/scan_service.h"

namespace dcs::api {

// A DCS instance: nodes (one master now; one a shard in a cluster), the scans over them and the
// server in front of them. Lifecycle makes it and ends it.
//
// Thread safety: one thread, the scheduler's. Who uses a node on another thread holds a copy of its
// pointer, not the instance's.
struct Instance {
  InstanceSpec spec;
  InstanceConfig config;
  InstanceStatus status = InstanceStatus::kCreating;
  std::optional<store::TimeMs> launched_at;  // when it first ran
  // Tells this launch from earlier ones of the same ID, over restarts of the program: higher than
  // any before it. 0: from the state of a program version without generations.
  uint64_t generation = 0;

  std::vector<std::shared_ptr<Node>> nodes;
  std::unique_ptr<scanner::ScanService> scans;
  std::unique_ptr<scanner::AutoScan> auto_scan;
  std::unique_ptr<RedisFront> front;           // while clients can connect
  scanner::Scheduler::TimerId transition = 0;  // the end of what `status` says is going on
  scanner::Scheduler::TimerId reopening = 0;   // the next attempt to listen, in real time

  const std::string& id() const { return spec.id; }
  Node& master() const { return *nodes.front(); }
  bool running() const { return status == InstanceStatus::kRunning; }
  // Source: the API page; Redis 3.0 does not support the expired key scan.
  bool supports_expired_key_scan() const { return spec.engine_version != "3.0"; }
};

// Thread safety: one thread, the one that serves the API.
class Registry {
 public:
  Instance& Add(std::unique_ptr<Instance> instance);
  void Remove(std::string_view instance_id);
  // nullptr where there is none. IDs are compared without regard to case.
  Instance* Find(std::string_view instance_id);
  // The same by name, to the letter.
  Instance* FindByName(std::string_view name);
  // Oldest first.
  const std::vector<std::unique_ptr<Instance>>& instances() const { return instances_; }

 private:
  std::vector<std::unique_ptr<Instance>> instances_;
};

}  // namespace dcs::api
