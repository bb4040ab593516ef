#include "api/registry.h"

#include <utility>

#include "absl/strings/match.h"

namespace dcs::api {

Instance& Registry::Add(std::unique_ptr<Instance> instance) {
  instances_.push_back(std::move(instance));
  return *instances_.back();
}

Instance* Registry::Find(std::string_view instance_id) {
  for (const auto& instance : instances_) {
    if (absl::EqualsIgnoreCase(instance->id,
                               absl::string_view(instance_id.data(), instance_id.size()))) {
      return instance.get();
    }
  }
  return nullptr;
}

}  // namespace dcs::api
