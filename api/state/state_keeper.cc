#include "api/state/state_keeper.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>

#include "api/state/state_json.h"

namespace dcs::state {

api::InstanceRecord RecordOf(const api::Instance& instance) {
  api::InstanceRecord record{.spec = instance.spec,
                             .config = instance.config,
                             .launched_at = instance.launched_at,
                             .generation = instance.generation,
                             .ports = {},
                             .saved_nodes = {},
                             .auto_scan = instance.auto_scan->state(),
                             .scans = instance.scans->Histories({.limit = SIZE_MAX}).records};
  for (size_t i = 0; i < instance.nodes.size(); ++i) {
    record.ports.push_back(instance.nodes[i]->resp_port.load());
    if (instance.nodes[i]->has_saved_keys.load()) record.saved_nodes.push_back(i);
  }
  return record;
}

StateKeeper::StateKeeper(const api::Registry& registry, StateDirectory& directory,
                         ClockSource clock, std::vector<RemovedInstance> removed, Post post)
    : StateKeeper(registry, directory, std::move(clock), std::move(removed), std::move(post),
                  Pauses()) {}

StateKeeper::StateKeeper(const api::Registry& registry, StateDirectory& directory,
                         ClockSource clock, std::vector<RemovedInstance> removed, Post post,
                         Pauses pauses)
    : registry_(registry),
      directory_(directory),
      clock_(std::move(clock)),
      post_(std::move(post)),
      pauses_(pauses),
      removed_(std::move(removed)),
      writer_([this] { Run(); }) {}

StateKeeper::~StateKeeper() { Stop().IgnoreError(); }

// ---- The scheduler's thread ---------------------------------------------------------------------

void StateKeeper::Changed(std::string_view instance_id) {
  if (stopped_) return;
  changed_.emplace(instance_id);
  if (!std::exchange(posted_, true)) post_([this] { Collect(); });
}

void StateKeeper::ClockChanged() {
  if (stopped_) return;
  clock_changed_ = true;
  if (!std::exchange(posted_, true)) post_([this] { Collect(); });
}

void StateKeeper::Collect() {
  posted_ = false;
  if (stopped_ || (changed_.empty() && !clock_changed_)) return;
  auto work = std::make_unique<Work>();
  work->clock = clock_();
  std::map<Launch, Known> known;
  for (const auto& instance : registry_.instances()) {
    // Deletion does not resume after a restart, so the instance is removed at once.
    if (instance->phase == api::InstancePhase::kDeleting) continue;
    Known& now = known[{instance->id(), instance->generation}];
    const auto before = known_.find({instance->id(), instance->generation});
    now =
        before == known_.end() || changed_.contains(instance->id())
            ? Known{std::make_shared<const std::string>(InstanceRecordToJson(RecordOf(*instance))),
                    instance->nodes.size()}
            : before->second;
    work->instances.push_back(now.text);
  }
  for (const auto& [launch, before] : known_) {
    if (!known.contains(launch)) work->gone.push_back({launch.first, launch.second, before.nodes});
  }
  known_ = std::move(known);
  changed_.clear();
  clock_changed_ = false;

  const std::lock_guard lock(mutex_);
  if (work_ != nullptr) {
    work->gone.insert(work->gone.end(), work_->gone.begin(), work_->gone.end());
  }
  work_ = std::move(work);
  ++collected_;
  wake_.notify_one();
}

absl::Status StateKeeper::WriteNow() {
  clock_changed_ = true;
  Collect();
  std::unique_lock lock(mutex_);
  attempted_.wait(lock, [this] { return tried_ >= collected_; });
  return problem_;
}

absl::Status StateKeeper::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

absl::Status StateKeeper::Stop() {
  if (!stopped_) {
    clock_changed_ = true;
    Collect();
    stopped_ = true;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      wake_.notify_one();
    }
    writer_.join();
  }
  return problem();
}

// ---- The writing thread -------------------------------------------------------------------------

void StateKeeper::Run() {
  auto pause = pauses_.first;
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return work_ != nullptr || stopping_; });
    if (work_ == nullptr) return;
    std::unique_ptr<Work> work = std::move(work_);
    const uint64_t trying = collected_;
    lock.unlock();
    // The state must list these from now on, in this attempt and all later ones.
    removed_.insert(removed_.end(), work->gone.begin(), work->gone.end());
    work->gone.clear();
    const absl::Status status = Write(*work);
    if (status.ok()) RemoveFiles();
    lock.lock();
    Report(status);
    problem_ = status;
    tried_ = trying;
    attempted_.notify_all();
    if (status.ok()) {
      pause = pauses_.first;
      continue;
    }
    if (stopping_ && work_ == nullptr) return;
    if (work_ == nullptr) work_ = std::move(work);
    // At the end, tries once more without waiting for the rest of the pause.
    wake_.wait_for(lock, pause, [this] { return stopping_; });
    pause = std::min(pause * 2, pauses_.longest);
  }
}

absl::Status StateKeeper::Write(const Work& work) try {
  return directory_.WriteState(StateToJson(work.clock, removed_, work.instances));
} catch (const std::bad_alloc&) {
  return absl::ResourceExhaustedError("there is no memory to write the state");
}

// The state on the disk lists the files until a later write, so after a crash the next start
// removes them. Files of an instance whose snapshot is being written are removed after a later
// write.
void StateKeeper::RemoveFiles() {
  std::erase_if(removed_, [this](const RemovedInstance& gone) {
    const absl::Status status = directory_.RemoveKeys(gone);
    if (!status.ok() && !absl::IsAborted(status)) {
      spdlog::warn("the keys of the removed instance {} stay: {}", gone.id,
                   std::string(status.message()));
    }
    return status.ok();
  });
}

void StateKeeper::Report(const absl::Status& status) {
  if (status.ok() && !problem_.ok()) {
    spdlog::warn("the state is on the disk again");
  } else if (!status.ok() && status != problem_) {
    spdlog::error("could not save the state, will retry: {}", std::string(status.message()));
  }
}

}  // namespace dcs::state
