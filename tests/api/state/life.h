// A program that keeps its state in a directory, for tests of restarts.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "api/lifecycle.h"
#include "api/state/restore.h"
#include "api/state/state_keeper.h"
#include "scanner/event_queue.h"
#include "store/transaction.h"
#include "tests/api/fake_fronts.h"
#include "tests/api/state/temporary_directory.h"

namespace dcs::state {

inline constexpr store::TimeMs kStart = 1'700'000'000'000;

// One life of the program: restores, keeps the state, and ends cleanly or as if killed.
class Life {
 public:
  explicit Life(const std::string& path, store::TimeMs now = kStart, uint16_t taken = 0)
      : clock(now), directory(*StateDirectory::Open(path)) {
    if (taken != 0) fronts.taken.insert(taken);
    auto survey = TakeSurvey(*directory, /*adopt=*/false);
    restored = survey.status();
    if (restored.ok()) restored = Restore(*directory, *survey, lifecycle, clock);
    if (!restored.ok()) return;
    using std::chrono::milliseconds;
    keeper = std::make_unique<StateKeeper>(
        registry, *directory, [this] { return api::ClockState{.now = clock.Now()}; },
        survey->state.removed,
        [this](std::function<void()> fn) { posted.push_back(std::move(fn)); },
        StateKeeper::Pauses{.first = milliseconds(1), .longest = milliseconds(2)});
    listener = lifecycle.change_listeners().Add(
        [this](const api::Instance& instance) { keeper->Changed(instance.id()); });
  }
  ~Life() { Kill(); }

  void RunPosted() {
    while (!posted.empty()) {
      std::exchange(posted.front(), nullptr)();
      posted.pop_front();
    }
  }
  void End() {
    lifecycle.Stop("the server is shutting down");
    EXPECT_TRUE(keeper->Stop().ok());
  }
  // Waits until the newest attempt to write has succeeded or failed, as `written` says.
  void WaitUntil(bool written) {
    RunPosted();
    while (keeper->problem().ok() != written) std::this_thread::yield();
  }
  absl::Status Save(const std::string& id) {
    const api::Instance& instance = *Find(id);
    return directory
        ->SaveKeys({id, 0, instance.generation, clock.Now(), false}, instance.master().keyspace)
        .status();
  }
  api::Instance& Launch(const std::string& id) {
    api::InstanceSpec spec;
    spec.id = id;
    return **lifecycle.Launch(spec);
  }
  // Collected changes are written; nothing else is.
  void Kill() {
    if (keeper == nullptr) return;
    lifecycle.change_listeners().Remove(listener);
    RunPosted();
    keeper.reset();
  }
  api::Instance& Create(const std::string& id, uint16_t port = 0) {
    api::InstanceSpec spec;
    spec.id = id;
    spec.name = "name of " + id;
    spec.mode = api::CacheMode::kHa;
    spec.password = "secret";
    spec.port = port;
    api::Instance& instance = **lifecycle.Create(spec);
    events.Advance(2'000);
    return instance;
  }
  api::Instance* Find(const std::string& id) { return registry.Find(id); }

  store::VirtualClock clock;
  scanner::EventQueue events{clock};
  api::FakeFronts fronts;
  api::Registry registry;
  std::unique_ptr<StateDirectory> directory;
  std::deque<std::function<void()>> posted;
  std::unique_ptr<StateKeeper> keeper;
  int last_id = 0;
  uint64_t listener = 0;  // of lifecycle, while there is a keeper
  api::Lifecycle lifecycle{
      events,
      registry,
      {.natural_deletion = api::NaturalDeletionKind::kOff},
      {.new_id = [this] { return "scan-" + std::to_string(++last_id); },
       .keyspace_options =
           [] { return store::KeyspaceOptions{.seed = 1, .epoch = 0, .lazy_free_thread = false}; },
       .work_meter = [](const scanner::NaturalDeletion::Work&) { return int64_t{0}; },
       .new_front = fronts.Factory()}};
  absl::Status restored;
};

// A snapshot that has begun and waits for a key's shard until Release or its destruction.
class HeldSnapshot {
 public:
  // Both arguments must outlive the object.
  HeldSnapshot(Life& life, const TemporaryDirectory& directory, const std::string& id)
      : node_(life.Find(id)->nodes.front()),
        held_(std::in_place, node_->keyspace, kStart, node_->keyspace.Hash("k")) {
    saving_ = std::async(std::launch::async, [&life, id, node = node_] {
      return life.directory->SaveKeys({id, 0, node->generation, kStart, false}, node->keyspace)
          .status();
    });
    while (!directory.Has(id + ".0.keys.unfinished")) std::this_thread::yield();
  }
  // Lets the snapshot end and returns its result.
  absl::Status Release() {
    held_.reset();
    return saving_.get();
  }

 private:
  const std::shared_ptr<api::Node> node_;
  std::future<absl::Status> saving_;  // its destructor waits, so held_ must be destroyed first
  std::optional<store::Transaction> held_;
};

}  // namespace dcs::state
