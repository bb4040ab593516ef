#include "api/state/state_keeper.h"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <cstdint>
#include <utility>

#include "api/state/state_json.h"

namespace dcs::state {

api::InstanceState StateOf(const api::Instance& instance) {
  api::InstanceState state{.spec = instance.spec,
                           .config = instance.config,
                           .launched_at = instance.launched_at,
                           .ports = {},
                           .auto_scan = instance.auto_scan->state(),
                           .scans = instance.scans->Histories({.limit = SIZE_MAX}).records};
  for (const auto& node : instance.nodes) state.ports.push_back(node->resp_port.load());
  return state;
}

StateKeeper::StateKeeper(const api::Registry& registry, StateDirectory& directory, Post post)
    : registry_(registry), directory_(directory), post_(std::move(post)) {}

StateKeeper::~StateKeeper() { Stop(); }

void StateKeeper::Changed(std::string_view instance_id) {
  if (stopped_) return;
  changed_.emplace(instance_id);
  if (!std::exchange(posted_, true)) post_([this] { Collect(); });
}

void StateKeeper::Collect() {
  posted_ = false;
  if (stopped_ || changed_.empty()) return;
  auto work = std::make_unique<Work>();
  std::map<std::string, Text> texts;
  for (const auto& instance : registry_.instances()) {
    // One that is being deleted is gone for those who come after us: it could not be finished.
    if (instance->status == api::InstanceStatus::kDeleting) continue;
    Text& text = texts[instance->id()];
    const auto known = texts_.find(instance->id());
    text = known == texts_.end() || changed_.contains(instance->id())
               ? std::make_shared<const std::string>(InstanceStateToJson(StateOf(*instance)))
               : known->second;
    work->instances.push_back(text);
  }
  for (const auto& [id, text] : texts_) {
    if (!texts.contains(id)) work->gone.push_back(id);
  }
  texts_ = std::move(texts);
  changed_.clear();

  const std::lock_guard lock(mutex_);
  const bool under_way = work_ != nullptr;
  if (under_way) {
    work->gone.insert(work->gone.end(), work_->gone.begin(), work_->gone.end());
  } else {
    boost::asio::post(writer_, [this] { Write(); });
  }
  work_ = std::move(work);
}

void StateKeeper::Write() {
  std::unique_ptr<Work> work;
  {
    const std::lock_guard lock(mutex_);
    work = std::move(work_);
  }
  std::string json = "[";
  for (const Text& text : work->instances) {
    if (json.size() > 1) json += ",\n";
    json += *text;
  }
  json += "]";
  absl::Status status = directory_.WriteInstances(json);
  // Keys go once nobody can be told of their instance any more.
  for (const std::string& id : work->gone) {
    if (status.ok()) status = directory_.RemoveKeys(id);
  }
  if (!status.ok()) spdlog::error("the state is not on the disk: {}", status.ToString());
}

void StateKeeper::Stop() {
  if (stopped_) return;
  Collect();
  stopped_ = true;
  writer_.join();
}

}  // namespace dcs::state
