// All there is to remember of an instance over the end of the program: plain data.
#pragma once

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
  std::vector<uint16_t> ports;  // of its nodes; 0 where one has never listened
  scanner::AutoScanState auto_scan;
  std::vector<scanner::ScanTask> scans;  // newest first
};

}  // namespace dcs::api
