#include "scanner/scan_service.h"

#include <algorithm>
#include <cassert>
#include <new>
#include <utility>

#include "store/time/deadline.h"

namespace dcs::scanner {

// A walk of the running scan over one target.
struct ScanService::Walk : std::enable_shared_from_this<Walk> {
  Walk(ScanService& of, std::unique_ptr<ScanTarget> over, const Pacing& pacing, int64_t first_ms)
      : service(of), target(std::move(over)), pace(pacing), next_step_ms(first_ms) {}

  ScanService& service;
  const std::unique_ptr<ScanTarget> target;
  PaceKeeper pace;
  // By Scheduler::ElapsedMs, so that a change of the system's time neither stalls nor ends a scan.
  int64_t next_step_ms;
  // Runs the next step. While a step is awaited, ends the scan at its timeout.
  Scheduler::TimerId timer = 0;
  bool awaits_answer = false;
  bool in_step = false;                              // ScanTarget::Step has not returned
  std::optional<absl::StatusOr<StepResult>> answer;  // given before Step returned
};

// The scan that runs now.
struct ScanService::Running {
  ScanTask task;
  Pacing pacing;
  int64_t started_ms = 0;  // by Scheduler::ElapsedMs
  // The only owner. Callbacks hold weak_ptrs, which expire with the scan.
  std::vector<std::shared_ptr<Walk>> walks;
  size_t walks_left = 0;

  int64_t EndOfTimeoutMs() const { return store::SaturatingAdd(started_ms, pacing.timeout_ms); }
};

namespace {

// The most late steps that a walk catches up with. A process that slept for an hour must not scan
// an hour's worth in one burst.
constexpr int64_t kMostStepsBehind = 20;

constexpr char kTimeoutFailure[] = "the scan's timeout has passed";

}  // namespace

ScanService::ScanService(Scheduler& scheduler, TargetFactory new_targets, IdSource new_id,
                         const ScanServiceOptions& options)
    : scheduler_(scheduler),
      new_targets_(std::move(new_targets)),
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
  change_listeners_.Tell();
  Proceed();
  return task;
}

void ScanService::Proceed() {
  if (running_ != nullptr || suspended_ || stopped_) return;
  if (!waiting_.empty()) {
    if (start_timer_ == 0) start_timer_ = scheduler_.After(0, [this] { StartNext(); });
  } else {
    idle_listeners_.Tell();
  }
}

void ScanService::StartNext() {
  start_timer_ = 0;
  if (running_ != nullptr || suspended_ || waiting_.empty()) return;
  Planned planned = std::move(waiting_.front());
  waiting_.pop_front();
  const int64_t now_ms = scheduler_.ElapsedMs();
  ScanTargets targets = new_targets_();
  assert(!targets.empty() && "ScanService: a scan needs a target");
  running_ = std::make_unique<Running>(Running{.task = std::move(planned.task),
                                               .pacing = planned.pacing,
                                               .started_ms = now_ms,
                                               .walks = {},
                                               .walks_left = targets.size()});
  ScanTask& task = running_->task;
  task.status = ScanStatus::kRunning;
  task.started_at = scheduler_.clock().Now();
  const int64_t interval_ms = planned.pacing.step_interval_ms;
  for (std::unique_ptr<ScanTarget>& target : targets) {
    task.keys_at_start += target->SizeEstimate();
    const auto walk =
        std::make_shared<Walk>(*this, std::move(target), planned.pacing, now_ms + interval_ms);
    running_->walks.push_back(walk);
    walk->timer = scheduler_.After(interval_ms, [this, at = walk.get()] { Step(*at); });
  }
  change_listeners_.Tell();
}

void ScanService::Step(Walk& walk) try {
  walk.timer = 0;
  const int64_t now_ms = scheduler_.ElapsedMs();
  if (now_ms >= running_->EndOfTimeoutMs()) return Finish(ScanStatus::kFailed, kTimeoutFailure);
  if (const size_t budget = walk.pace.NextBudget(); budget > 0) {
    walk.awaits_answer = true;
    walk.in_step = true;
    walk.target->Step(budget, [weak = walk.weak_from_this()](absl::StatusOr<StepResult> answer) {
      const std::shared_ptr<Walk> answered = weak.lock();
      if (answered == nullptr || !answered->awaits_answer) return;  // the scan has ended
      answered->awaits_answer = false;
      if (answered->in_step) {
        answered->answer = std::move(answer);
      } else {
        answered->service.TakeLateAnswer(*answered, answer);
      }
    });
    walk.in_step = false;
    if (walk.awaits_answer) {
      walk.timer = scheduler_.After(running_->EndOfTimeoutMs() - now_ms, [this, &walk] {
        walk.timer = 0;
        Finish(ScanStatus::kFailed, kTimeoutFailure);
      });
      return;
    }
    if (!Account(walk, *std::exchange(walk.answer, std::nullopt))) return;
  }
  ScheduleStep(walk, now_ms);
} catch (const std::bad_alloc&) {
  FailForWantOfMemory();
}

void ScanService::ScheduleStep(Walk& walk, int64_t now_ms) {
  const int64_t interval_ms = running_->pacing.step_interval_ms;
  walk.next_step_ms =
      std::max(walk.next_step_ms + interval_ms, now_ms - kMostStepsBehind * interval_ms);
  walk.timer = scheduler_.After(walk.next_step_ms - now_ms, [this, &walk] { Step(walk); });
}

void ScanService::TakeLateAnswer(Walk& walk, const absl::StatusOr<StepResult>& answer) try {
  if (walk.timer != 0) scheduler_.Cancel(std::exchange(walk.timer, 0));
  if (Account(walk, answer)) ScheduleStep(walk, scheduler_.ElapsedMs());
} catch (const std::bad_alloc&) {
  FailForWantOfMemory();
}

bool ScanService::Account(Walk& walk, const absl::StatusOr<StepResult>& answer) {
  if (!answer.ok()) {
    const absl::string_view reason = answer.status().message();
    Finish(ScanStatus::kFailed, std::string_view(reason.data(), reason.size()));
    return false;
  }
  walk.pace.Spend(answer->visited);
  ScanTask& task = running_->task;
  ++task.steps;
  task.visited += answer->visited;
  task.released += answer->released;
  task.released_bytes += answer->released_bytes;
  if (!answer->done) return true;
  if (--running_->walks_left == 0) Finish(ScanStatus::kSuccess, "");
  return false;
}

// Without a next step the scan would never end.
void ScanService::FailForWantOfMemory() {
  if (running_ != nullptr) Finish(ScanStatus::kFailed, "out of memory");
}

void ScanService::Finish(ScanStatus status, std::string_view failure) {
  const std::unique_ptr<Running> ended = std::exchange(running_, nullptr);
  for (const std::shared_ptr<Walk>& walk : ended->walks) {
    walk->awaits_answer = false;
    if (walk->timer != 0) scheduler_.Cancel(std::exchange(walk->timer, 0));
  }
  ScanTask task = std::move(ended->task);
  task.status = status;
  task.finished_at = scheduler_.clock().Now();
  task.failure = failure;
  Remember(std::move(task));
  Proceed();
}

void ScanService::Remember(ScanTask task) {
  ended_.push_front(std::move(task));
  if (ended_.size() > options_.history_limit) ended_.pop_back();
  change_listeners_.Tell();
}

void ScanService::Restore(const std::vector<ScanTask>& ended) {
  assert(ended_.empty() && "Restore: no scan may have been created yet");
  const size_t kept = std::min(ended.size(), options_.history_limit);
  ended_.assign(ended.begin(), ended.begin() + static_cast<ptrdiff_t>(kept));
}

void ScanService::FailRunning(std::string_view reason) {
  if (running_ != nullptr) Finish(ScanStatus::kFailed, reason);
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
