// Writes the state to the disk after each change, and retries until it succeeds.
//
//   StateKeeper keeper(registry, directory, clock_state, post);
//   lifecycle.change_listeners().Add([&](const Instance& i) { keeper.Changed(i.id()); });
//   ...
//   keeper.Stop();   // OK: all changes are on the disk
//
// Collecting: changes are collected until `post` calls back. Then the changed instances are
// converted to text on that thread: about 2 us per record of the histories, so some milliseconds
// for a full history. The texts of unchanged instances are reused.
//
// Writing: a separate thread writes the texts, so nobody waits for the disk. Changes made during a
// write become one further write. A change is on the disk after one or two writes; a crash before
// that leaves the previous state.
//
// Failing: a failed write is retried with the newest texts, after pauses that double from
// Pauses::first to Pauses::longest, in real time. `problem` returns the reason meanwhile.
//
// Removed instances: the state lists them until their files are gone. So no crash leaves files that
// the next start cannot tell from the user's.
//
// Thread safety: one thread, the scheduler's, to which `post` also posts; `problem` from any
// thread.
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

  // `registry` and `directory` must outlive the keeper; posted functions must not run after its
  // end. `removed` are the removed instances listed by the state on the disk.
  StateKeeper(const api::Registry& registry, StateDirectory& directory, ClockSource clock,
              std::vector<RemovedInstance> removed, Post post);
  StateKeeper(const api::Registry& registry, StateDirectory& directory, ClockSource clock,
              std::vector<RemovedInstance> removed, Post post, Pauses pauses);
  // Calls Stop.
  ~StateKeeper();
  StateKeeper(const StateKeeper&) = delete;
  StateKeeper& operator=(const StateKeeper&) = delete;

  // The instance was added, changed or removed.
  void Changed(std::string_view instance_id);
  // The clock was moved or its rate changed.
  void ClockChanged();

  // Writes everything now, waits for the first attempt and returns its error. Retries continue
  // after it.
  absl::Status WriteNow();
  // OK, or the error of the newest attempt to write.
  absl::Status problem() const;

  // Writes everything including the clock, waits, and returns the error of the last attempt.
  // Nothing is written afterwards. Idempotent. May be called from another thread after the
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
    std::vector<RemovedInstance> gone;  // removed since the previous work
  };

  void Collect();
  // Runs on the writing thread.
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

  std::vector<RemovedInstance> removed_;  // used by the writing thread after construction

  mutable std::mutex mutex_;
  std::condition_variable wake_;       // wakes the writing thread for work or the end
  std::condition_variable attempted_;  // wakes WriteNow
  // Guarded by mutex_.
  std::unique_ptr<Work> work_;  // neither on the disk nor being written
  bool stopping_ = false;
  uint64_t collected_ = 0;  // number of works so far
  uint64_t tried_ = 0;      // the newest work that was tried
  absl::Status problem_;

  std::thread writer_;  // last member: uses all others
};

// The properties of the instance to save, as of now.
api::InstanceRecord RecordOf(const api::Instance& instance);

}  // namespace dcs::state
