#include "api/registry.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"

namespace dcs::api {
namespace {

bool SameId(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()),
                                absl::string_view(b.data(), b.size()));
}

template <typename Instances, typename Predicate>
Instance* FindIf(const Instances& instances, const Predicate& predicate) {
  const auto found = std::find_if(instances.begin(), instances.end(),
                                  [&](const auto& instance) { return predicate(*instance); });
  return found == instances.end() ? nullptr : found->get();
}

}  // namespace

Instance& Registry::Add(std::unique_ptr<Instance> instance) {
  instances_.push_back(std::move(instance));
  return *instances_.back();
}

void Registry::Remove(std::string_view instance_id) {
  const std::string id(
      instance_id);  // a copy: the caller's view may point into the removed instance
  std::erase_if(instances_, [&](const auto& instance) { return SameId(instance->id(), id); });
}

Instance* Registry::Find(std::string_view instance_id) {
  return FindIf(instances_,
                [&](const Instance& instance) { return SameId(instance.id(), instance_id); });
}

Instance* Registry::FindByName(std::string_view name) {
  return FindIf(instances_, [&](const Instance& instance) { return instance.spec.name == name; });
}

}  // namespace dcs::api
