#include "tools/simulate/mechanism.h"

#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "scanner/auto_scan.h"
#include "scanner/fast_scan.h"
#include "scanner/keyspace_target.h"
#include "scanner/natural_deletion.h"
#include "scanner/scan_service.h"
#include "tools/real_time.h"

namespace dcs::simulate {
namespace {

constexpr int64_t kNsPerUs = 1000;

int64_t ToNs(double us) { return std::llround(us * 1000); }

// The keyspace's scan target, its steps charged and their real cost noted.
class MeteredTarget final : public scanner::ScanTarget {
 public:
  // `cost_ns` is added to.
  MeteredTarget(Workbench& bench, int64_t& cost_ns)
      : bench_(bench), cost_ns_(cost_ns), target_(bench.keyspace, bench.events.clock()) {}

  scanner::StepResult Step(size_t keys) override {
    const int64_t before_ns = tools::ThreadCpuNanos();
    const scanner::StepResult found = target_.Step(keys);
    bench_.ledger.real_cpu_ns += tools::ThreadCpuNanos() - before_ns;
    const CostModel& costs = bench_.costs;
    const int64_t cost_ns =
        ToNs(costs.step_us + KeysUs(costs, found.visited, found.released, found.released_bytes));
    cost_ns_ += cost_ns;
    bench_.cpu.Reclaim(bench_.events.clock().Now() * kNsPerMs, cost_ns);
    ++bench_.ledger.steps;
    bench_.ledger.looked_at += found.visited;
    return found;
  }
  scanner::StepResult Whole(size_t threads, scanner::PartRunner run) override {
    return target_.Whole(threads, run);
  }
  size_t SizeEstimate() const override { return target_.SizeEstimate(); }

 private:
  Workbench& bench_;
  int64_t& cost_ns_;
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
                  [this](uint64_t looked_at) { return CostUs(looked_at); }) {}

  void Start() override { ScheduleNext(); }
  // As in Redis, which runs a fast cycle, where one is wanted, before it waits for clients again.
  void AfterAnswer(int64_t at_ns) override {
    if (!deletion_.WantsFastCycle() || at_ns < next_fast_cycle_ns_) return;
    next_fast_cycle_ns_ = at_ns + 2 * policy_.fast_cycle_us * kNsPerUs;
    Meter([this] { return deletion_.RunFastCycle(); }, at_ns);
  }

 private:
  // What this has cost the node since the start, by the model.
  int64_t CostUs(uint64_t looked_at) const {
    const uint64_t released = bench_.keyspace.Counters().released_by_sample;
    return std::llround(bench_.costs.looked_at_key_us * static_cast<double>(looked_at) +
                        bench_.costs.released_key_us * static_cast<double>(released));
  }

  // The cycles of NaturalDeletion::Start, with a look at what each has done. As in Redis, whose timer
  // is set when its work is done, a cycle comes so much after the end of the one before; the
  // service's documents give a rate, which is kept.
  void ScheduleNext(int64_t late_ns = 0) {
    const int64_t interval_ms = cycle_times_.Next(policy_.cycles_per_second);
    bench_.events.After(interval_ms + late_ns / kNsPerMs, [this] {
      const int64_t now_ns = bench_.events.clock().Now() * kNsPerMs;
      const int64_t done_in_ns = Meter([this] { return deletion_.RunCycle(); }, now_ns);
      AfterAnswer(now_ns + done_in_ns);
      ScheduleNext(keep_rate_ ? 0 : done_in_ns);
    });
  }

  // Charges for a cycle; returns how long after `at_ns` the simulated node is done with it.
  template <typename RunOne>
  int64_t Meter(RunOne run, int64_t at_ns) {
    const int64_t before_ns = tools::ThreadCpuNanos();
    const scanner::NaturalDeletion::CycleResult cycle = run();
    bench_.ledger.real_cpu_ns += tools::ThreadCpuNanos() - before_ns;
    ++bench_.ledger.steps;
    bench_.ledger.looked_at += cycle.looked_at;
    return bench_.cpu.Reclaim(
        at_ns, ToNs(KeysUs(bench_.costs, cycle.looked_at, cycle.released, cycle.released_bytes)));
  }

  Workbench& bench_;
  const bool keep_rate_;
  const scanner::NaturalDeletionPolicy policy_;
  scanner::NaturalDeletion deletion_;
  scanner::CycleTimes cycle_times_;
  int64_t next_fast_cycle_ns_ = 0;
};

// Manual and automatic scans: one instance's scan service.
class ScanMechanism final : public Mechanism {
 public:
  ScanMechanism(const Policy& policy, Workbench& bench)
      : bench_(bench),
        manual_(policy.manual_scan),
        auto_plan_(policy.auto_scan),
        scans_(
            bench.events, [this] { return std::make_unique<MeteredTarget>(bench_, cost_ns_); },
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
                           .first_scan_at = bench_.events.clock().Now() + auto_plan_->first_ms,
                           .interval_s = auto_plan_->interval_s,
                           .timeout_s = auto_plan_->timeout_s,
                           .keys_per_step = auto_plan_->keys_per_step});
  }

  void AddTo(ScanTotals& totals) const override {
    for (const scanner::ScanTask& task : scans_.Histories({.limit = SIZE_MAX}).records) {
      ++totals.scans;
      totals.failed += task.status == scanner::ScanStatus::kFailed;
      totals.steps += task.steps;
      totals.visited += task.visited;
      totals.released += task.released;
      if (task.started_at && task.finished_at) {
        ++totals.ended;
        totals.duration_ms += *task.finished_at - *task.started_at;
      }
    }
    totals.cost_ns += cost_ns_;
    if (automatic_) totals.skipped += automatic_->skipped();
  }

 private:
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
  int64_t cost_ns_ = 0;
  scanner::ScanService scans_;
  std::optional<scanner::AutoScan> automatic_;
};

// Fast sweeps; or, free of charge and again and again, the ideal that no node can reach.
class FastSweepMechanism final : public Mechanism {
 public:
  FastSweepMechanism(const FastSweepPlan& plan, bool ideal, Workbench& bench)
      : bench_(bench), plan_(plan), ideal_(ideal) {}

  void Start() override { ScheduleIn(plan_.first_ms); }
  void BeforeSample() override {
    if (ideal_) Sweep();
  }
  void AddTo(ScanTotals& totals) const override {
    if (ideal_) return;
    totals.scans += totals_.scans;
    totals.steps += totals_.steps;
    totals.visited += totals_.visited;
    totals.released += totals_.released;
  }

 private:
  void ScheduleIn(TimeMs delay_ms) {
    bench_.events.After(delay_ms, [this] {
      Sweep();
      if (plan_.every_ms > 0) ScheduleIn(plan_.every_ms);
    });
  }
  void Sweep() {
    scanner::KeyspaceTarget target(bench_.keyspace, bench_.events.clock());
    const scanner::FastScanResult swept =
        scanner::RunFastScan(target, /*threads=*/1,
                             {.real_ns = tools::RealNanos, .thread_cpu_ns = tools::ThreadCpuNanos});
    bench_.ledger.real_cpu_ns += std::llround(swept.cpu_seconds * 1e9);
    if (!ideal_) {
      const CostModel& costs = bench_.costs;
      bench_.cpu.Reclaim(
          bench_.events.clock().Now() * kNsPerMs,
          ToNs(costs.step_us + costs.swept_key_us * static_cast<double>(swept.found.released)));
      ++bench_.ledger.steps;
      bench_.ledger.looked_at += swept.found.visited;
    }
    ++totals_.scans;
    ++totals_.steps;
    totals_.visited += swept.found.visited;
    totals_.released += swept.found.released;
  }

  Workbench& bench_;
  const FastSweepPlan plan_;
  const bool ideal_;
  ScanTotals totals_;
};

class ClientScanMechanism final : public Mechanism {
 public:
  ClientScanMechanism(const ClientScanPlan& plan, Workbench& bench) : bench_(bench), plan_(plan) {}

  void Start() override {
    bench_.events.After(plan_.starts_ms, [this] { Step(); });
  }

 private:
  void Step() {
    const TimeMs now = bench_.events.clock().Now();
    const uint64_t before = bench_.keyspace.Counters().released_on_access;
    uint64_t seen = 0;
    cursor_ = bench_.keyspace.Scan(cursor_, static_cast<size_t>(plan_.count), now,
                                   [&](const store::Entry&) { ++seen; });
    const uint64_t released = bench_.keyspace.Counters().released_on_access - before;
    bench_.cpu.Work(now * kNsPerMs, ToNs(bench_.costs.command_us +
                                         KeysUs(bench_.costs, seen + released, released, 0)));
    if (cursor_ == 0 && !plan_.repeat) return;
    bench_.events.After(plan_.pause_ms, [this] { Step(); });
  }

  Workbench& bench_;
  const ClientScanPlan plan_;
  uint64_t cursor_ = 0;
};

// How often the ideal looks: its keys are released at most so much late.
TimeMs IdealTickMs(TimeMs duration_ms) { return std::max<TimeMs>(10, duration_ms / 20'000); }

}  // namespace

std::vector<std::unique_ptr<Mechanism>> MechanismsOf(const Policy& policy, TimeMs duration_ms,
                                                     Workbench& bench) {
  std::vector<std::unique_ptr<Mechanism>> made;
  if (policy.ideal) {
    made.push_back(std::make_unique<FastSweepMechanism>(
        FastSweepPlan{.first_ms = 0, .every_ms = IdealTickMs(duration_ms)}, true, bench));
  }
  if (policy.natural_deletion) {
    made.push_back(std::make_unique<NaturalDeletionMechanism>(*policy.natural_deletion, bench));
  }
  if (policy.manual_scan || policy.auto_scan) {
    made.push_back(std::make_unique<ScanMechanism>(policy, bench));
  }
  if (policy.fast_sweep) {
    made.push_back(std::make_unique<FastSweepMechanism>(*policy.fast_sweep, false, bench));
  }
  if (policy.client_scan) {
    made.push_back(std::make_unique<ClientScanMechanism>(*policy.client_scan, bench));
  }
  return made;
}

}  // namespace dcs::simulate
