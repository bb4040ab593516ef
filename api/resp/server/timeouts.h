// Deadlines of blocked commands, by the node's clock.
//
// The earliest deadline has a timer of the node's scheduler, so a virtual clock that is advanced
// stops there and wakes the command. RunDue, which the server calls once a second, stands in for a
// timer that could not be started, and for a node without a scheduler.
//
// Thread safety: all members may be called from any thread. Cost: O(log(deadlines)), and a post to
// the scheduler's thread if the deadline is the earliest.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "api/resp/server/blocked_command.h"
#include "scanner/scheduler.h"
#include "store/time/clock.h"

namespace dcs::resp {

class Timeouts {
 public:
  using Place = std::pair<store::TimeMs, uint64_t>;

  // `scheduler` must outlive the handlers of the node's connections; nullptr: there is none.
  explicit Timeouts(scanner::Scheduler* scheduler)
      : queue_(std::make_shared<Queue>()), scheduler_(scheduler) {}

  // Times `command` out at `deadline`. Throws std::bad_alloc; then it does not.
  Place Add(store::TimeMs deadline, std::shared_ptr<BlockedCommand> command);
  // Does nothing if it has timed out. Does not throw.
  void Remove(Place place);
  // Times out what is due at `now`. Does not throw.
  void RunDue(store::TimeMs now) { RunDue(*queue_, now); }

 private:
  // Outlives the owner as long as a timer is under way.
  struct Queue {
    std::mutex mutex;
    std::map<Place, std::shared_ptr<BlockedCommand>> commands;  // guarded by mutex
    uint64_t last_number = 0;                                   // guarded by mutex
    std::optional<store::TimeMs> timer_due;  // of the earliest timer; guarded by mutex
  };

  static void RunDue(Queue& queue, store::TimeMs now);
  static void StartTimer(const std::shared_ptr<Queue>& queue, scanner::Scheduler& scheduler);
  static void OnTimer(const std::shared_ptr<Queue>& queue, scanner::Scheduler& scheduler,
                      store::TimeMs due);

  const std::shared_ptr<Queue> queue_;
  scanner::Scheduler* const scheduler_;
};

}  // namespace dcs::resp
