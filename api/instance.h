// A DCS instance of the simulated service: its description and configuration, its nodes, and the
// scans over them. Lifecycle makes instances and moves them from phase to phase.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/instance_config.h"
#include "api/instance_phase.h"
#include "api/instance_spec.h"
#include "api/node.h"
#include "scanner/auto_scan.h"
#include "scanner/scan_service.h"
#include "scanner/scheduler.h"
#include "store/time/clock.h"

namespace dcs::api {

// Thread safety: one thread, the scheduler's. Work on another thread holds the shared_ptr of each
// node that it uses, never the instance.
struct Instance {
  InstanceSpec spec;
  InstanceConfig config;
  InstancePhase phase = InstancePhase::kCreating;
  std::optional<store::TimeMs> launched_at;  // when it ran for the first time
  // Number of this launch. Higher than that of any earlier launch, also of the same ID and across
  // restarts of the program. 0: restored from a state that was written without generations.
  uint64_t generation = 0;

  std::vector<std::shared_ptr<Node>> nodes;     // at least one
  std::unique_ptr<scanner::ScanService> scans;  // over the keys of all nodes
  std::unique_ptr<scanner::AutoScan> auto_scan;
  scanner::Scheduler::TimerId transition = 0;  // ends the current phase
  scanner::Scheduler::TimerId reopening = 0;   // the next attempt to listen, in real time

  const std::string& id() const { return spec.id; }
  // The first node. Its address is the one that the API shows as the instance's. Everything else
  // concerns all nodes.
  Node& master() const { return *nodes.front(); }
  bool running() const { return phase == InstancePhase::kRunning; }
  // Source: the API page; Redis 3.0 does not support the expired key scan.
  bool supports_expired_key_scan() const { return spec.engine_version != "3.0"; }
};

}  // namespace dcs::api
