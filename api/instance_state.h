// What to remember of an instance over the end of the program: plain data.
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

struct InstanceState {
  InstanceSpec spec;
  InstanceConfig config;
  std::optional<store::TimeMs> launched_at;
  uint64_t generation = 0;          // Instance::generation; 0: of a program version without it
  std::vector<uint16_t> ports;      // of its nodes; 0 if one has never listened
  std::vector<size_t> saved_nodes;  // numbers of its nodes whose keys were ever saved
  scanner::AutoScanState auto_scan;
  std::vector<scanner::ScanTask> scans;  // newest first
};

}  // namespace dcs::api
