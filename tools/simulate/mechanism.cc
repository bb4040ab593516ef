#include "tools/simulate/mechanism.h"

#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "scanner/auto_scan.h"
#include "scanner/fast_sweep.h"
#include "scanner/keyspace_target.h"
#include "scanner/natural_deletion.h"
#include "scanner/scan_service.h"
#include "tools/real_time.h"

namespace dcs::simulate {
namespace {

constexpr int64_t kNsPerUs = 1000;

// The CPU share of a fast sweep is taken over this time, or over the time until the next sample.
constexpr TimeMs kSweepShareMs = 1000;

// The keyspace's scan target. Charges the node for each step and records the step's real cost.
class MeteredTarget final : public scanner::ScanTarget {
 public:
  // A new scan. `totals` receives the first scan that ends.
  MeteredTarget(Workbench& bench, ScanTotals& totals)
      : bench_(bench), totals_(totals), target_(bench.keyspace, bench.events.clock()) {
    if (++totals_.scans <= kMostMarkedTimes) bench_.take_sample(SampleKind::kEdge);
  }

  void Step(size_t keys, StepDone done) override { done(StepNow(keys)); }
  size_t SizeEstimate() const override { return target_.SizeEstimate(); }

 private:
  scanner::StepResult StepNow(size_t keys) {
    const TimeMs now = bench_.now();
    bench_.ledger.Advance(now);
    const int64_t before_ns = tools::ThreadCpuNanos();
    const scanner::StepResult found = target_.StepNow(keys);
    bench_.work.real_cpu_ns += tools::ThreadCpuNanos() - before_ns;
    bench_.ledger.Release(Cause::kScan, found.released, found.released_bytes);
    const CostModel& costs = bench_.costs;
    bench_.cpu.Work(
        now * kNsPerMs,
        ToNs(costs.step_us + KeysUs(costs, found.visited, found.released, found.released_bytes)),
        Cause::kScan);
    ++bench_.work.steps;
    bench_.work.looked_at += found.visited;
    if (!found.done) return found;
    if (!totals_.first_end_ms) {
      totals_.first_end_ms = now;
      totals_.done_ns_at_first_end = bench_.cpu.DoneNs(now * kNsPerMs);
    }
    if (totals_.scans <= kMostMarkedTimes) bench_.take_sample(SampleKind::kEdge);
    return found;
  }

  Workbench& bench_;
  ScanTotals& totals_;
  scanner::KeyspaceTarget target_;
};

class NaturalDeletionMechanism final : public Mechanism {
 public:
  NaturalDeletionMechanism(const NaturalDeletionPlan& plan, Workbench& bench)
      : bench_(bench),
        keep_rate_(plan.dcs),
        policy_(plan.dcs ? scanner::DcsNaturalDeletion(plan.tuning)
                         : scanner::RedisNaturalDeletion(plan.tuning)),
        deletion_(bench.events, bench.keyspace, policy_,
                  [this](const scanner::NaturalDeletion::Work& work) { return CostUs(work); }) {}

  void Start() override { ScheduleNext(); }
  // Redis also runs a fast cycle, if one is wanted, before it waits for clients again.
  void AfterAnswer(int64_t at_ns) override {
    if (!deletion_.WantsFastCycle() || at_ns < next_fast_cycle_ns_) return;
    next_fast_cycle_ns_ = at_ns + 2 * policy_.fast_cycle_us * kNsPerUs;
    Meter([this] { return deletion_.RunFastCycle(); }, at_ns);
  }

 private:
  // The modelled cost since the start.
  int64_t CostUs(const scanner::NaturalDeletion::Work& work) const {
    return std::llround(KeysUs(bench_.costs, work.looked_at, work.released, work.released_bytes));
  }

  // The cycles of NaturalDeletion::Start, observing the work of each. Redis sets its timer after
  // its work, so a cycle follows the end of the one before. The service's documents give a rate,
  // which is kept.
  void ScheduleNext(int64_t late_ns = 0) {
    const int64_t interval_ms = cycle_times_.Next(policy_.cycles_per_second);
    bench_.events.After(interval_ms + late_ns / kNsPerMs, [this] {
      const int64_t now_ns = bench_.now() * kNsPerMs;
      const int64_t done_in_ns = Meter([this] { return deletion_.RunCycle(); }, now_ns);
      AfterAnswer(now_ns + done_in_ns);
      ScheduleNext(keep_rate_ ? 0 : done_in_ns);
    });
  }

  // Charges for a cycle. Returns the time from `at_ns` until the simulated node is done with it.
  template <typename RunOne>
  int64_t Meter(RunOne run, int64_t at_ns) {
    bench_.ledger.Advance(bench_.now());
    const int64_t before_ns = tools::ThreadCpuNanos();
    const scanner::NaturalDeletion::CycleResult cycle = run();
    bench_.work.real_cpu_ns += tools::ThreadCpuNanos() - before_ns;
    bench_.ledger.Release(Cause::kNaturalDeletion, cycle.released, cycle.released_bytes);
    ++bench_.work.steps;
    bench_.work.looked_at += cycle.looked_at;
    return bench_.cpu.Work(
        at_ns, ToNs(KeysUs(bench_.costs, cycle.looked_at, cycle.released, cycle.released_bytes)),
        Cause::kNaturalDeletion);
  }

  Workbench& bench_;
  const bool keep_rate_;
  const scanner::NaturalDeletionPolicy policy_;
  scanner::NaturalDeletion deletion_;
  scanner::CycleTimes cycle_times_;
  int64_t next_fast_cycle_ns_ = 0;
};

// Manual and automatic scans, run by the instance's scan service.
class ScanMechanism final : public Mechanism {
 public:
  ScanMechanism(const Policy& policy, Workbench& bench)
      : bench_(bench),
        manual_(policy.manual_scan),
        auto_plan_(policy.auto_scan),
        scans_(
            bench.events,
            [this] { return scanner::OneTarget(std::make_unique<MeteredTarget>(bench_, totals_)); },
            [this] { return NextId(); }, {.history_limit = 1'000'000}) {
    if (auto_plan_) {
      automatic_.emplace(
          bench.events, scans_,
          scanner::AutoScanOptions{.step_interval_ms = auto_plan_->step_interval_ms});
    }
  }

  void Start() override {
    if (manual_) scans_.Create(scanner::ScanType::kManual, manual_->pacing);
    if (!auto_plan_) return;
    automatic_->Configure({.enabled = true,
                           .first_scan_at = bench_.now() + auto_plan_->first_ms,
                           .interval_s = auto_plan_->interval_s,
                           .timeout_s = auto_plan_->timeout_s,
                           .keys_per_step = auto_plan_->keys_per_step});
  }

  void AddTo(ScanTotals& totals) const override {
    totals.first_end_ms = totals_.first_end_ms;
    totals.done_ns_at_first_end = totals_.done_ns_at_first_end;
    for (const scanner::ScanTask& task : Tasks()) {
      ++totals.scans;
      totals.steps += task.steps;
      totals.visited += task.visited;
      totals.released += task.released;
      totals.failed += task.status == scanner::ScanStatus::kFailed;
      // A failed scan did not do its work, so its duration does not count.
      if (task.status != scanner::ScanStatus::kSuccess) continue;
      ++totals.ended;
      totals.duration_ms += *task.finished_at - *task.started_at;
    }
    if (automatic_) totals.skipped += automatic_->skipped();
  }
  void AddTo(std::vector<Marker>& markers) const override {
    for (const scanner::ScanTask& task : Tasks()) {
      if (!task.started_at || markers.size() >= kMostMarkedTimes) continue;
      markers.push_back({.at_ms = *task.started_at,
                         .until_ms = task.finished_at,
                         .text = task.status == scanner::ScanStatus::kFailed
                                     ? "scan, failed by its timeout"
                                     : "scan"});
    }
  }

 private:
  std::vector<scanner::ScanTask> Tasks() const {
    return scans_.Histories({.limit = SIZE_MAX}).records;
  }
  std::string NextId() {
    char id[40];
    std::snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012llu",
                  static_cast<unsigned long long>(++last_id_));
    return id;
  }

  Workbench& bench_;
  const std::optional<ManualScanPlan> manual_;
  const std::optional<AutoScanPlan> auto_plan_;
  uint64_t last_id_ = 0;
  ScanTotals totals_;  // totals over the targets
  scanner::ScanService scans_;
  std::optional<scanner::AutoScan> automatic_;
};

// Fast sweeps. A sample before and after each lets plots show a step.
class FastSweepMechanism final : public Mechanism {
 public:
  FastSweepMechanism(const FastSweepPlan& plan, Workbench& bench) : bench_(bench), plan_(plan) {}

  void Start() override { ScheduleIn(plan_.first_ms); }
  void AddTo(ScanTotals& totals) const override {
    totals.scans += totals_.scans;
    totals.steps += totals_.steps;
    totals.visited += totals_.visited;
    totals.released += totals_.released;
  }
  void AddTo(std::vector<Marker>& markers) const override {
    markers.insert(markers.end(), markers_.begin(), markers_.end());
  }

 private:
  void ScheduleIn(TimeMs delay_ms) {
    bench_.events.After(delay_ms, [this] {
      Sweep();
      if (plan_.every_ms > 0) ScheduleIn(plan_.every_ms);
    });
  }
  void Sweep() {
    const TimeMs now = bench_.now();
    bench_.ledger.Advance(now);
    if (markers_.size() < kMostMarkedTimes) {
      markers_.push_back({.at_ms = now, .text = "fast sweep"});
      bench_.take_sample(SampleKind::kEdge);
      bench_.events.After(1, [this] { bench_.take_sample(SampleKind::kLevel); });
      bench_.events.After(kSweepShareMs, [this] { bench_.take_sample(SampleKind::kEdge); });
    }
    scanner::KeyspaceTarget target(bench_.keyspace, bench_.events.clock());
    const scanner::FastSweepResult swept = scanner::RunFastSweep(
        target, /*threads=*/1,
        {.real_ns = tools::RealNanos, .thread_cpu_ns = tools::ThreadCpuNanos});
    bench_.work.real_cpu_ns += std::llround(swept.cpu_seconds * 1e9);
    const scanner::StepResult& found = swept.found;
    bench_.ledger.Release(Cause::kFastSweep, found.released, found.released_bytes);
    const CostModel& costs = bench_.costs;
    bench_.cpu.Work(now * kNsPerMs,
                    ToNs(costs.step_us + costs.swept_key_us * static_cast<double>(found.released) +
                         KibUs(costs, found.released_bytes)),
                    Cause::kFastSweep);
    ++bench_.work.steps;
    bench_.work.looked_at += found.visited;
    ++totals_.scans;
    ++totals_.steps;
    totals_.visited += found.visited;
    totals_.released += found.released;
  }

  Workbench& bench_;
  const FastSweepPlan plan_;
  ScanTotals totals_;
  std::vector<Marker> markers_;
};

// A bound that no real node can reach: each key is gone at its deadline, at no cost. The ledger
// counts it that way; the mechanism sweeps the keyspace from time to time and before each sample to
// match.
class IdealMechanism final : public Mechanism {
 public:
  IdealMechanism(TimeMs every_ms, Workbench& bench) : bench_(bench), every_ms_(every_ms) {}

  void Start() override {
    bench_.events.After(every_ms_, [this] {
      BeforeSample();
      Start();
    });
  }
  void BeforeSample() override { bench_.keyspace.FastSweep(bench_.now()); }

 private:
  Workbench& bench_;
  const TimeMs every_ms_;
};

// A client that walks over the keyspace with SCAN. The node answers it like any client, and
// releases the expired keys that it finds.
class ClientScanMechanism final : public Mechanism {
 public:
  ClientScanMechanism(const ClientScanPlan& plan, Workbench& bench) : bench_(bench), plan_(plan) {}

  void Start() override {
    bench_.events.After(plan_.starts_ms, [this] { Step(); });
  }

 private:
  void Step() {
    const TimeMs now = bench_.now();
    bench_.ledger.Advance(now);
    const bool releases = bench_.keyspace.release_on_access();
    uint64_t looked_at = 0, released = 0, released_bytes = 0;
    const int64_t before_ns = tools::ThreadCpuNanos();
    cursor_ = bench_.keyspace.ScanAll(cursor_, static_cast<size_t>(plan_.count), now,
                                      [&](const store::Entry& entry, bool expired) {
                                        ++looked_at;
                                        if (!expired || !releases) return false;
                                        ++released;
                                        released_bytes += entry.bytes();
                                        return true;
                                      });
    bench_.work.real_cpu_ns += tools::ThreadCpuNanos() - before_ns;
    bench_.ledger.Release(Cause::kClientScan, released, released_bytes);
    bench_.cpu.Work(
        now * kNsPerMs,
        ToNs(bench_.costs.command_us + KeysUs(bench_.costs, looked_at, released, released_bytes)),
        Cause::kClientScan);
    ++bench_.work.steps;
    bench_.work.looked_at += looked_at;
    if (cursor_ == 0 && !plan_.repeat) return;
    bench_.events.After(plan_.pause_ms, [this] { Step(); });
  }

  Workbench& bench_;
  const ClientScanPlan plan_;
  uint64_t cursor_ = 0;
};

// Interval at which the ideal's keyspace is swept between samples to keep it small.
TimeMs IdealTickMs(TimeMs duration_ms) { return std::max<TimeMs>(10, duration_ms / 20'000); }

}  // namespace

std::vector<std::unique_ptr<Mechanism>> MechanismsOf(const Policy& policy, TimeMs duration_ms,
                                                     Workbench& bench) {
  std::vector<std::unique_ptr<Mechanism>> made;
  if (policy.ideal) {
    made.push_back(std::make_unique<IdealMechanism>(IdealTickMs(duration_ms), bench));
  }
  if (policy.natural_deletion) {
    made.push_back(std::make_unique<NaturalDeletionMechanism>(*policy.natural_deletion, bench));
  }
  if (policy.manual_scan || policy.auto_scan) {
    made.push_back(std::make_unique<ScanMechanism>(policy, bench));
  }
  if (policy.fast_sweep) {
    made.push_back(std::make_unique<FastSweepMechanism>(*policy.fast_sweep, bench));
  }
  if (policy.client_scan) {
    made.push_back(std::make_unique<ClientScanMechanism>(*policy.client_scan, bench));
  }
  return made;
}

}  // namespace dcs::simulate
