// The expired key scans of one instance: a queue that runs one scan at a time, and the histories.
//
//   ScanService scans(scheduler, [&] { return OneTarget(...); }, new_id, {});
//   ScanTask task = scans.Create(ScanType::kManual);   // waiting, and already in the histories
//   ...                                                // the scheduler runs it
//   scans.Histories({});                               // success, with what it found
//
// A scan walks over all targets of the instance, one per node, in parallel and each at the scan's
// pace. It succeeds when every walk has reached its end. It fails as a whole when a step of one walk
// fails, when it exceeds its timeout, or when the instance leaves service. Keys that it has released
// stay released.
//
// A walk has at most one step under way. The next one is due one interval after the last was due,
// however long the step took. Late steps are caught up with, up to a bound. If a step is still under
// way when the scan ends, its target is destroyed and its answer is ignored.
//
// Choices where the cloud's documents are silent: a scan created while another one runs waits in a
// FIFO queue. The histories list the newest scan first and keep the last `history_limit` ended
// scans. At most `waiting_limit` scans wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "scanner/listeners.h"
#include "scanner/pacing.h"
#include "scanner/scan_target.h"
#include "scanner/scan_task.h"
#include "scanner/scheduler.h"

namespace dcs::scanner {

struct ScanServiceOptions {
  Pacing manual = {};
  size_t history_limit = 1000;
  size_t waiting_limit = 100;
};

struct HistoryQuery {
  size_t offset = 0;
  size_t limit = 10;
  std::optional<ScanStatus> status = {};  // nullopt: any
};

struct HistoryPage {
  std::vector<ScanTask> records;  // newest first; empty if `offset` is past the end
  uint64_t scans = 0;             // number of scans with the query's status: the API's `count`
  uint64_t expired_keys = 0;      // released by those scans: the API's `total`
};

// Thread safety: one thread, the scheduler's.
class ScanService {
 public:
  // Makes the targets of a scan that starts. REQUIRES: at least one target.
  using TargetFactory = std::function<ScanTargets()>;
  using IdSource = std::function<std::string()>;

  // `scheduler` must outlive the service.
  ScanService(Scheduler& scheduler, TargetFactory new_targets, IdSource new_id,
              const ScanServiceOptions& options);
  // Calls Stop.
  ~ScanService();
  ScanService(const ScanService&) = delete;
  ScanService& operator=(const ScanService&) = delete;

  // Adds a scan and returns it in its state now: waiting. It starts when the scheduler runs and no
  // other scan does. If too many scans wait, or after Stop, the returned scan has failed.
  ScanTask Create(ScanType type);
  // Same, with a pace different from the manual scans' (automatic scans).
  ScanTask Create(ScanType type, const Pacing& pacing);

  // Whether `waiting_limit` scans wait.
  bool full() const { return waiting_.size() >= options_.waiting_limit; }
  // Whether a scan created now would start at once.
  bool idle() const { return running_ == nullptr && waiting_.empty() && !suspended_ && !stopped_; }

  // Called each time the service becomes idle.
  Listeners<>& idle_listeners() { return idle_listeners_; }
  // Called after each change of the histories, except progress of the running scan.
  Listeners<>& change_listeners() { return change_listeners_; }

  // Adds scans of an earlier run of the program, newest first, all ended; keeps the newest
  // history_limit of them. REQUIRES: no scan was created yet.
  void Restore(const std::vector<ScanTask>& ended);

  // O(histories).
  HistoryPage Histories(const HistoryQuery& query) const;
  std::optional<ScanTask> Find(std::string_view id) const;

  // Fails the running scan and all waiting scans, with this reason.
  void FailAll(std::string_view reason);
  // Fails the running scan. Waiting and new scans start after Resume.
  void Suspend(std::string_view reason);
  void Resume();
  // FailAll, permanently: Create returns failed scans from now on. Idempotent.
  void Stop(std::string_view reason);

 private:
  struct Planned {
    ScanTask task;
    Pacing pacing;
  };
  struct Walk;
  struct Running;

  // Starts the next scan soon, or calls the idle listeners if none waits.
  void Proceed();
  void StartNext();
  // Runs the due step of a walk.
  void Step(Walk& walk);
  void ScheduleStep(Walk& walk, int64_t now_ms);
  // Handles an answer that came after ScanTarget::Step had returned.
  void TakeLateAnswer(Walk& walk, const absl::StatusOr<StepResult>& answer);
  // Adds the step to the task, which may end with it. Returns whether the walk goes on.
  bool Account(Walk& walk, const absl::StatusOr<StepResult>& answer);
  void FailForWantOfMemory();
  void Finish(ScanStatus status, std::string_view failure);
  void FailRunning(std::string_view reason);
  void Remember(ScanTask task);

  Scheduler& scheduler_;
  const TargetFactory new_targets_;
  const IdSource new_id_;
  const ScanServiceOptions options_;

  std::deque<Planned> waiting_;  // oldest first
  std::unique_ptr<Running> running_;
  std::deque<ScanTask> ended_;  // newest first, at most history_limit
  Listeners<> idle_listeners_;
  Listeners<> change_listeners_;
  Scheduler::TimerId start_timer_ = 0;
  bool suspended_ = false;
  bool stopped_ = false;
};

}  // namespace dcs::scanner
