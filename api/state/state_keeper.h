// Writes the state down whenever it has changed.
//
//   StateKeeper keeper(registry, directory, post);
//   lifecycle.set_change_listener([&](const Instance& i) { keeper.Changed(i.id()); });
//   ...
//   keeper.Stop();   // all that has changed is on the disk, or the log says why not
//
// Changes are collected until `post` has come round, then the instances that have changed are put
// into words on that thread (a histories' record takes about 2 us, so that a full history is a few
// milliseconds; the words of the others are kept), and written by a thread of the keeper's own:
// nobody waits for a disk. While that writes, further changes become one write. A change is so on
// the disk one or two writes after it was made; a crash before that finds the state before it.
//
// Thread safety: one thread, the scheduler's, which is also the one that `post` gets to.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/registry.h"
#include "api/state/state_directory.h"

namespace dcs::state {

class StateKeeper {
 public:
  // Calls a function later on the scheduler's thread.
  using Post = std::function<void(std::function<void()>)>;

  // `registry` and `directory` must outlive it; what was posted must not run after it.
  StateKeeper(const api::Registry& registry, StateDirectory& directory, Post post);
  // Stops.
  ~StateKeeper();
  StateKeeper(const StateKeeper&) = delete;
  StateKeeper& operator=(const StateKeeper&) = delete;

  // The instance is new, is not what it was, or is gone.
  void Changed(std::string_view instance_id);
  // Writes what has changed and waits for it. Nothing is written afterwards. Idempotent. May be
  // called from another thread once the scheduler's has ended.
  void Stop();

 private:
  using Text = std::shared_ptr<const std::string>;
  struct Work {
    std::vector<Text> instances;
    std::vector<std::string> gone;
  };

  void Collect();
  // On the writing thread.
  void Write();

  const api::Registry& registry_;
  StateDirectory& directory_;
  const Post post_;
  std::set<std::string> changed_;
  std::map<std::string, Text> texts_;  // by instance
  bool posted_ = false;
  bool stopped_ = false;

  std::mutex mutex_;
  std::unique_ptr<Work> work_;  // not yet begun; guarded by mutex_
  boost::asio::thread_pool writer_{1};
};

// What there is to remember of an instance as it stands now.
api::InstanceState StateOf(const api::Instance& instance);

}  // namespace dcs::state
