// The record of an instance that survives the end of the program. Plain data: api/state writes it to
// state.json, Lifecycle::Restore makes an instance of it again. An instance's keys are saved apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "api/instance_config.h"
#include "api/instance_spec.h"
#include "scanner/auto_scan.h"
#include "scanner/scan_task.h"

namespace dcs::api {

struct InstanceRecord {
  InstanceSpec spec;
  InstanceConfig config;
  std::optional<store::TimeMs> launched_at;
  uint64_t generation = 0;      // Instance::generation; 0: written by a version without generations
  std::vector<uint16_t> ports;  // one per node; 0 if the node has never listened
  std::vector<size_t> saved_nodes;  // numbers of the nodes whose keys were ever saved
  scanner::AutoScanState auto_scan;
  std::vector<scanner::ScanTask> scans;  // newest first
};

}  // namespace dcs::api
