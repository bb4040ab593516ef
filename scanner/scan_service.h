// The expired key scans of one instance: asked for, run one at a time, remembered.
//
//   ScanService scans(scheduler, [&] { return std::make_unique<KeyspaceTarget>(...); }, ids, {});
//   ScanTask task = scans.Create(ScanType::kManual);   // waiting, and already listed
//   ...                                                // the scheduler runs it
//   scans.Histories({});                               // success, with what it found
//
// Choices where the sources are silent: a scan asked for while one runs waits its turn, in order;
// the newest comes first in the histories, which keep the last `history_limit` scans that have
// ended.
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

#include "scanner/pacing.h"
#include "scanner/scan_target.h"
#include "scanner/scan_task.h"
#include "scanner/scheduler.h"

namespace dcs::scanner {

struct ScanServiceOptions {
  Pacing manual = {};
  size_t history_limit = 1000;
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
  // and no other runs.
  ScanTask Create(ScanType type);
  // The same with a pace of its own (automatic scans). ScanMode::kFast keeps the scheduler's thread
  // for the whole walk: meant for the virtual clock; servers have RunFastScan.
  ScanTask Create(ScanType type, const Pacing& pacing);

  HistoryPage Histories(const HistoryQuery& query) const;
  std::optional<ScanTask> Find(std::string_view id) const;

  // The running scan and all that wait end as failed, with this reason. Keys released stay
  // released.
  void FailAll(std::string_view reason);
  // FailAll, and nothing can be created any more: Create then returns a task that has failed.
  void Stop(std::string_view reason);

 private:
  struct Planned {
    ScanTask task;
    Pacing pacing;
  };
  struct Running;

  void StartNext();
  void Step();
  void Finish(ScanStatus status, std::string_view failure);
  void Remember(ScanTask task);

  Scheduler& scheduler_;
  const TargetFactory new_target_;
  const IdSource new_id_;
  const ScanServiceOptions options_;

  std::deque<Planned> waiting_;  // oldest first
  std::unique_ptr<Running> running_;
  std::deque<ScanTask> ended_;  // newest first, at most history_limit
  Scheduler::TimerId start_timer_ = 0;
  bool stopped_ = false;
};

}  // namespace dcs::scanner
