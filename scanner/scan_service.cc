#include "scanner/scan_service.h"

#include <algorithm>
#include <cassert>
#include <new>
#include <utility>

namespace dcs::scanner {

// The scan that runs now.
struct ScanService::Running {
  ScanTask task;
  Pacing pacing;
  PaceKeeper pace;
  std::unique_ptr<ScanTarget> target;
  // By Scheduler::ElapsedMs: a change of the system's time neither stalls a scan nor ends it.
  int64_t started_ms = 0;
  int64_t next_step_ms = 0;
  Scheduler::TimerId timer = 0;
};

namespace {

// Steps that a late timer left out are caught up with, but not more than this: a process that slept
// for an hour must not scan an hour's worth in one go.
constexpr int64_t kMostStepsBehind = 20;

}  // namespace

ScanService::ScanService(Scheduler& scheduler, TargetFactory new_target, IdSource new_id,
                         const ScanServiceOptions& options)
    : scheduler_(scheduler),
      new_target_(std::move(new_target)),
      new_id_(std::move(new_id)),
      options_(options) {}

ScanService::~ScanService() { Stop("the scan service has ended"); }

ScanTask ScanService::Create(ScanType type) { return Create(type, options_.manual); }

ScanTask ScanService::Create(ScanType type, const Pacing& pacing) {
  ScanTask task;
  task.id = new_id_();
  task.type = type;
  task.created_at = scheduler_.clock().Now();
  if (stopped_ || full()) {
    task.status = ScanStatus::kFailed;
    task.finished_at = task.created_at;
    task.failure = stopped_ ? "the scan service has ended" : "too many scans wait";
    Remember(task);
    return task;
  }
  waiting_.push_back({task, pacing});
  TellOfChange();
  Proceed();
  return task;
}

void ScanService::Proceed() {
  if (running_ != nullptr || suspended_ || stopped_) return;
  if (!waiting_.empty()) {
    if (start_timer_ == 0) start_timer_ = scheduler_.After(0, [this] { StartNext(); });
  } else if (idle_listener_) {
    idle_listener_();
  }
}

void ScanService::StartNext() {
  start_timer_ = 0;
  if (running_ != nullptr || suspended_ || waiting_.empty()) return;
  Planned planned = std::move(waiting_.front());
  waiting_.pop_front();
  const int64_t now_ms = scheduler_.ElapsedMs();
  running_ = std::make_unique<Running>(
      Running{std::move(planned.task), planned.pacing, PaceKeeper(planned.pacing), new_target_()});
  running_->task.status = ScanStatus::kRunning;
  running_->task.started_at = scheduler_.clock().Now();
  running_->task.keys_at_start = running_->target->SizeEstimate();
  running_->started_ms = now_ms;
  running_->next_step_ms = now_ms + running_->pacing.step_interval_ms;
  running_->timer = scheduler_.After(running_->pacing.step_interval_ms, [this] { Step(); });
  TellOfChange();
}

void ScanService::Step() try {
  Running& running = *running_;
  running.timer = 0;
  const int64_t now_ms = scheduler_.ElapsedMs();
  if (now_ms - running.started_ms >= running.pacing.timeout_ms) {
    return Finish(ScanStatus::kFailed, "the scan's timeout has passed");
  }
  if (const size_t budget = running.pace.NextBudget(); budget > 0) {
    const StepResult step = running.target->Step(budget);
    running.pace.Spend(step.visited);
    ++running.task.steps;
    running.task.visited += step.visited;
    running.task.released += step.released;
    running.task.released_bytes += step.released_bytes;
    if (step.done) return Finish(ScanStatus::kSuccess, "");
  }
  const int64_t interval = running.pacing.step_interval_ms;
  running.next_step_ms =
      std::max(running.next_step_ms + interval, now_ms - kMostStepsBehind * interval);
  running.timer = scheduler_.After(running.next_step_ms - now_ms, [this] { Step(); });
} catch (const std::bad_alloc&) {
  // Without a next step the scan would run forever.
  if (running_ != nullptr) Finish(ScanStatus::kFailed, "out of memory");
}

void ScanService::Finish(ScanStatus status, std::string_view failure) {
  ScanTask task = std::move(running_->task);
  running_.reset();
  task.status = status;
  task.finished_at = scheduler_.clock().Now();
  task.failure = failure;
  Remember(std::move(task));
  Proceed();
}

void ScanService::Remember(ScanTask task) {
  ended_.push_front(std::move(task));
  if (ended_.size() > options_.history_limit) ended_.pop_back();
  TellOfChange();
}

void ScanService::Restore(const std::vector<ScanTask>& ended) {
  assert(ended_.empty() && "Restore: there are no scans yet");
  const size_t kept = std::min(ended.size(), options_.history_limit);
  ended_.assign(ended.begin(), ended.begin() + static_cast<ptrdiff_t>(kept));
}

void ScanService::FailRunning(std::string_view reason) {
  if (running_ == nullptr) return;
  scheduler_.Cancel(running_->timer);
  Finish(ScanStatus::kFailed, reason);
}

void ScanService::FailAll(std::string_view reason) {
  std::deque<Planned> waiting = std::exchange(waiting_, {});
  FailRunning(reason);
  for (Planned& planned : waiting) {
    planned.task.status = ScanStatus::kFailed;
    planned.task.finished_at = scheduler_.clock().Now();
    planned.task.failure = reason;
    Remember(std::move(planned.task));
  }
  Proceed();
}

void ScanService::Suspend(std::string_view reason) {
  suspended_ = true;
  FailRunning(reason);
}

void ScanService::Resume() {
  suspended_ = false;
  Proceed();
}

void ScanService::Stop(std::string_view reason) {
  if (start_timer_ != 0) scheduler_.Cancel(std::exchange(start_timer_, 0));
  stopped_ = true;
  FailAll(reason);
}

HistoryPage ScanService::Histories(const HistoryQuery& query) const {
  HistoryPage page;
  const auto add = [&](const ScanTask& task) {
    if (query.status && task.status != *query.status) return;
    const uint64_t place = page.scans++;
    page.expired_keys += task.released;
    if (place >= query.offset && page.records.size() < query.limit) page.records.push_back(task);
  };
  std::for_each(waiting_.rbegin(), waiting_.rend(),
                [&](const Planned& planned) { add(planned.task); });
  if (running_ != nullptr) add(running_->task);
  std::for_each(ended_.begin(), ended_.end(), add);
  return page;
}

std::optional<ScanTask> ScanService::Find(std::string_view id) const {
  if (running_ != nullptr && running_->task.id == id) return running_->task;
  for (const Planned& planned : waiting_) {
    if (planned.task.id == id) return planned.task;
  }
  for (const ScanTask& task : ended_) {
    if (task.id == id) return task;
  }
  return std::nullopt;
}

}  // namespace dcs::scanner
