#include "tools/simulate/simulation.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "tools/real_time.h"
#include "tools/simulate/conclusion.h"
#include "tools/simulate/goal_verdict.h"
#include "tools/simulate/markers.h"
#include "tools/simulate/node_cpu.h"
#include "tools/simulate/policy_run.h"

namespace dcs::simulate {
namespace {

constexpr std::chrono::milliseconds kProgressEvery{100};

// The queue of runs, shared by as many workers as there are threads.
class Runs {
 public:
  explicit Runs(const Scenario& scenario)
      : scenario_(scenario),
        controls_(scenario.policies.size()),
        reports_(scenario.policies.size(), absl::UnknownError("not begun")) {}

  void Go(const SimulationOptions& options);
  // A policy that never ran has only the scenario's description of it.
  absl::StatusOr<std::vector<PolicyReport>> Take();

 private:
  void Work();
  void Watch(std::unique_lock<std::mutex>& lock, const SimulationOptions& options);

  const Scenario& scenario_;
  std::vector<RunControl> controls_;
  std::vector<absl::StatusOr<PolicyReport>> reports_;  // each written by one worker
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t next_ = 0;  // guarded by mutex_, like all members below
  size_t done_ = 0;
  size_t workers_ = 0;
  bool stopped_ = false;
};

void Runs::Work() {
  std::unique_lock lock(mutex_);
  while (next_ < reports_.size() && !stopped_) {
    const size_t mine = next_++;
    lock.unlock();
    reports_[mine] = RunPolicy(scenario_, scenario_.policies[mine], controls_[mine]);
    lock.lock();
    if (!reports_[mine].ok()) {
      stopped_ = true;  // without this policy there is no report
    } else if (reports_[mine]->completed) {
      controls_[mine].progress = 1;
      ++done_;
    }
  }
  --workers_;
  changed_.notify_all();
}

void Runs::Watch(std::unique_lock<std::mutex>& lock, const SimulationOptions& options) {
  while (workers_ > 0) {
    changed_.wait_for(lock, kProgressEvery);
    if (options.stop != nullptr && options.stop->load()) stopped_ = true;
    double progress = 0;
    for (RunControl& control : controls_) {
      if (stopped_) control.stop = true;
      progress += control.progress / static_cast<double>(controls_.size());
    }
    if (options.progress) options.progress(progress, done_);
  }
}

void Runs::Go(const SimulationOptions& options) {
  std::vector<std::thread> threads;
  {
    std::unique_lock lock(mutex_);
    workers_ = std::min(reports_.size(), static_cast<size_t>(std::max(options.threads, 1)));
    for (size_t i = 0; i < workers_; ++i) threads.emplace_back([this] { Work(); });
    Watch(lock, options);
  }
  for (std::thread& thread : threads) thread.join();
}

absl::StatusOr<std::vector<PolicyReport>> Runs::Take() {
  std::vector<PolicyReport> taken;
  for (size_t i = 0; i < reports_.size(); ++i) {
    if (reports_[i].ok()) {
      taken.push_back(*std::move(reports_[i]));
    } else if (!absl::IsUnknown(reports_[i].status())) {
      return reports_[i].status();
    } else {
      taken.emplace_back();
      taken.back().name = scenario_.policies[i].name;
      taken.back().label = scenario_.policies[i].label;
      taken.back().ideal = scenario_.policies[i].ideal;
      taken.back().published = scenario_.policies[i].published;
    }
  }
  return taken;
}

}  // namespace

absl::StatusOr<Report> Simulate(const Scenario& scenario, const SimulationOptions& options) {
  const int64_t started_ns = tools::RealNanos();
  Report report;
  report.scenario = scenario.name;
  report.title = scenario.title;
  report.description = scenario.description;
  report.question = scenario.question;
  report.measure = scenario.measure;
  report.seed = scenario.seed;
  report.duration_seconds = static_cast<double>(scenario.duration_ms) / 1000;
  report.reclamation_starts_seconds = static_cast<double>(scenario.reclamation_starts_ms) / 1000;
  report.samples = scenario.samples;
  report.cost_model = scenario.cost_model;
  report.traffic = scenario.traffic;
  report.goal = scenario.goal;
  Runs runs(scenario);
  runs.Go(options);
  absl::StatusOr<std::vector<PolicyReport>> policies = runs.Take();
  if (!policies.ok()) return policies.status();
  report.policies = *std::move(policies);
  report.partial = std::any_of(report.policies.begin(), report.policies.end(),
                               [](const PolicyReport& policy) { return !policy.completed; });
  report.load = DescribeLoad(scenario);
  TimeMs last_deadline_ms = 0;
  for (const LoadReport& group : report.load) {
    last_deadline_ms = std::max(last_deadline_ms, group.last_deadline_ms);
  }
  report.markers = MarkersOf(scenario, last_deadline_ms);
  if (report.goal) JudgeGoal(report);
  report.conclusion = Conclude(report);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  report.measured = {NsToSeconds(tools::RealNanos() - started_ns),
                     seconds(usage.ru_utime) + seconds(usage.ru_stime),
                     static_cast<uint64_t>(usage.ru_maxrss) * 1024, options.threads};
  return report;
}

}  // namespace dcs::simulate
