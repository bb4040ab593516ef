// The expired key scans of one instance: asked for, run one at a time, remembered.
//
//   ScanService scans(scheduler, [&] { return std::make_unique<KeyspaceTarget>(...); }, ids, {});
//   ScanTask task = scans.Create(ScanType::kManual);   // waiting, and already listed
//   ...                                                // the scheduler runs it
//   scans.Histories({});                               // success, with what it found
//
// Choices where the sources are silent: a scan asked for while one runs waits its turn, in order;
// the newest comes first in the histories, which keep the last `history_limit` scans that have
// ended; no more than `waiting_limit` may wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
  std::optional<ScanStatus> status = {};  // all where there is none
};

struct HistoryPage {
  std::vector<ScanTask> records;  // newest first; empty where `offset` is past the end
  uint64_t scans = 0;             // how many match the query's status: the API's `count`
  uint64_t expired_keys = 0;      // what those found together: the API's `total`
};

// Thread safety: one thread, the scheduler's.
class ScanService {
 public:
  using TargetFactory = std::function<std::unique_ptr<ScanTarget>()>;
  using IdSource = std::function<std::string()>;

  // `scheduler` must outlive the service.
  ScanService(Scheduler& scheduler, TargetFactory new_target, IdSource new_id,
              const ScanServiceOptions& options);
  // Ends as Stop does.
  ~ScanService();
  ScanService(const ScanService&) = delete;
  ScanService& operator=(const ScanService&) = delete;

  // Accepts a scan and returns it as it stands, waiting. It starts when the scheduler gets to it
  // and no other runs. Born failed where there is no room or the service has stopped.
  ScanTask Create(ScanType type);
  // The same with another pace than the manual scans' (automatic scans).
  ScanTask Create(ScanType type, const Pacing& pacing);

  // Whether as many scans wait as may.
  bool full() const { return waiting_.size() >= options_.waiting_limit; }
  // Whether a scan created now would start at once.
  bool idle() const { return running_ == nullptr && waiting_.empty() && !suspended_ && !stopped_; }
  // Called each time the service has become idle, from within it: must not call back.
  void set_idle_listener(std::function<void()> listener) { idle_listener_ = std::move(listener); }

  // Called after each change of the histories but the progress of the running scan, from within it:
  // must not call back.
  void set_change_listener(std::function<void()> listener) {
    change_listener_ = std::move(listener);
  }

  // Scans of before, newest first, all ended; the newest history_limit of them are kept. REQUIRES:
  // there are none yet.
  void Restore(const std::vector<ScanTask>& ended);

  // O(histories).
  HistoryPage Histories(const HistoryQuery& query) const;
  std::optional<ScanTask> Find(std::string_view id) const;

  // The running scan and all that wait end as failed, with this reason. Keys released stay
  // released.
  void FailAll(std::string_view reason);
  // The running scan ends as failed; those that wait, and those created from now on, start after
  // Resume.
  void Suspend(std::string_view reason);
  void Resume();
  // FailAll, and nothing can be created any more: Create then returns a task that has failed.
  void Stop(std::string_view reason);

 private:
  struct Planned {
    ScanTask task;
    Pacing pacing;
  };
  struct Running;

  // Something has changed: gets the next scan under way, or tells the listener that there is none.
  void Proceed();
  void StartNext();
  void Step();
  void Finish(ScanStatus status, std::string_view failure);
  void FailRunning(std::string_view reason);
  void Remember(ScanTask task);
  void TellOfChange() const {
    if (change_listener_) change_listener_();
  }

  Scheduler& scheduler_;
  const TargetFactory new_target_;
  const IdSource new_id_;
  const ScanServiceOptions options_;

  std::deque<Planned> waiting_;  // oldest first
  std::unique_ptr<Running> running_;
  std::deque<ScanTask> ended_;  // newest first, at most history_limit
  std::function<void()> idle_listener_;
  std::function<void()> change_listener_;
  Scheduler::TimerId start_timer_ = 0;
  bool suspended_ = false;
  bool stopped_ = false;
};

}  // namespace dcs::scanner
