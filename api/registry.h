// The list of the instances that the simulator plays, found by ID or name.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "api/instance.h"

namespace dcs::api {

// Thread safety: one thread, the scheduler's. Cost: O(instances).
class Registry {
 public:
  Instance& Add(std::unique_ptr<Instance> instance);
  void Remove(std::string_view instance_id);
  // nullptr if there is no such instance. Upper and lower case in IDs are the same.
  Instance* Find(std::string_view instance_id);
  // nullptr if there is no such instance. Names are compared exactly.
  Instance* FindByName(std::string_view name);
  // Oldest first.
  const std::vector<std::unique_ptr<Instance>>& instances() const { return instances_; }

 private:
  std::vector<std::unique_ptr<Instance>> instances_;
};

}  // namespace dcs::api
