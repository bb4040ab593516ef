// Writes the state to the disk whenever it has changed, until it is there.
//
//   StateKeeper keeper(registry, directory, clock_state, post);
//   lifecycle.change_listeners().Add([&](const Instance& i) { keeper.Changed(i.id()); });
//   ...
//   keeper.Stop();   // OK: all that has changed is on the disk
//
// Collecting: changes are collected until `post` calls back; then the instances that have changed
// are turned into text on that thread (about 2 us for a record of the histories, so a full history
// takes some milliseconds; the texts of the others are kept).
//
// Writing: a thread of the keeper's own writes the texts; nobody waits for a disk. Changes that come
// meanwhile become one write. A change is on the disk one or two writes after it was made; a crash
// before that finds the state before it.
//
// Failing: a write that fails is tried again, with the newest texts, after pauses that double from
// Pauses::first to Pauses::longest, in real time. `problem` tells the reason meanwhile.
//
// Removed instances: the state names them until their files are gone, so that no crash leaves files
// that the next start cannot tell from the user's.
//
// Thread safety: one thread, the scheduler's, which `post` also gets to; `problem` from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "api/clock_state.h"
#include "api/registry.h"
#include "api/state/state_directory.h"

namespace dcs::state {

class StateKeeper {
 public:
  // Calls a function later on the scheduler's thread.
  using Post = std::function<void(std::function<void()>)>;
  using ClockSource = std::function<api::ClockState()>;
  struct Pauses {
    std::chrono::milliseconds first{100};
    std::chrono::milliseconds longest{5'000};
  };

  // `registry` and `directory` must outlive it; what was posted must not run after it. `removed` is
  // what the state on the disk says of removed instances.
  StateKeeper(const api::Registry& registry, StateDirectory& directory, ClockSource clock,
              std::vector<RemovedInstance> removed, Post post);
  StateKeeper(const api::Registry& registry, StateDirectory& directory, ClockSource clock,
              std::vector<RemovedInstance> removed, Post post, Pauses pauses);
  // Stops.
  ~StateKeeper();
  StateKeeper(const StateKeeper&) = delete;
  StateKeeper& operator=(const StateKeeper&) = delete;

  // The instance is new, is not what it was, or is gone.
  void Changed(std::string_view instance_id);
  // The clock was moved, or passes at another rate.
  void ClockChanged();

  // Writes everything now and waits for the first attempt; its error. Retries go on after it.
  absl::Status WriteNow();
  // OK, or why the newest attempt to write failed.
  absl::Status problem() const;

  // Writes everything, the clock included, and waits for it; the error if the last attempt failed.
  // Nothing is written afterwards. Idempotent. May be called from another thread once the
  // scheduler's has ended.
  absl::Status Stop();

 private:
  using Text = std::shared_ptr<const std::string>;
  using Launch = std::pair<std::string, uint64_t>;  // an instance's ID and generation
  struct Known {
    Text text;
    size_t nodes = 0;
  };
  struct Work {
    api::ClockState clock;
    std::vector<Text> instances;
    std::vector<RemovedInstance> gone;  // since the work before
  };

  void Collect();
  // On the writing thread.
  void Run();
  absl::Status Write(const Work& work);
  void RemoveFiles();
  void Report(const absl::Status& status);

  const api::Registry& registry_;
  StateDirectory& directory_;
  const ClockSource clock_;
  const Post post_;
  const Pauses pauses_;
  std::set<std::string> changed_;
  std::map<Launch, Known> known_;
  bool clock_changed_ = false;
  bool posted_ = false;
  bool stopped_ = false;

  std::vector<RemovedInstance> removed_;  // the writing thread's, after construction

  mutable std::mutex mutex_;
  std::condition_variable wake_;       // the writing thread, for work or the end
  std::condition_variable attempted_;  // WriteNow
  // Guarded by mutex_.
  std::unique_ptr<Work> work_;  // not on the disk, nor being written
  bool stopping_ = false;
  uint64_t collected_ = 0;  // works so far
  uint64_t tried_ = 0;      // the newest of them that was tried
  absl::Status problem_;

  std::thread writer_;  // last: uses everything above
};

// What there is to remember of an instance as it stands now.
api::InstanceRecord RecordOf(const api::Instance& instance);

}  // namespace dcs::state
