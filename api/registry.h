// The instances that the simulator plays, found by their ID.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/node.h"
#include "scanner/scan_service.h"

namespace dcs::api {

// A DCS instance: nodes (one master now; one a shard in a cluster) and the scans over them.
struct Instance {
  std::string id;  // UUID, lower case
  std::string project_id;
  std::string name;
  std::string engine_version;  // "3.0", "4.0", "5.0", "6.0", "7.0"
  std::vector<std::unique_ptr<Node>> nodes;
  std::unique_ptr<scanner::ScanService> scans;  // on the scheduler's thread

  Node& master() { return *nodes.front(); }
  // Source: the API page; Redis 3.0 does not support the expired key scan.
  bool supports_expired_key_scan() const { return engine_version != "3.0"; }
};

// Thread safety: one thread, the one that serves the API.
class Registry {
 public:
  Instance& Add(std::unique_ptr<Instance> instance);
  // nullptr where there is none. IDs are compared without regard to case.
  Instance* Find(std::string_view instance_id);
  const std::vector<std::unique_ptr<Instance>>& instances() const { return instances_; }

 private:
  std::vector<std::unique_ptr<Instance>> instances_;
};

}  // namespace dcs::api
