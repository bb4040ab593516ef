#include "tools/simulate/policy_run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "scanner/event_queue.h"
#include "store/keyspace.h"
#include "tools/real_time.h"
#include "tools/simulate/key_maker.h"
#include "tools/simulate/levels.h"
#include "tools/simulate/mechanism.h"
#include "tools/simulate/release_curve.h"

namespace dcs::simulate {
namespace {

constexpr double kLoadProgress = 0.5;  // what loading is of the whole, roughly

double Seconds(TimeMs ms) { return static_cast<double>(ms) / 1000; }
double NsToSeconds(int64_t ns) { return static_cast<double>(ns) / 1e9; }

// One run: all that is alive while it goes on.
class Run {
 public:
  Run(const Scenario& scenario, const Policy& policy, RunControl& control)
      : scenario_(scenario),
        policy_(policy),
        control_(control),
        keyspace_({.seed = Mix(scenario.seed, 0),
                   .release_on_access = policy.release_on_access,
                   .lazy_free_thread = false}),
        bench_{events_, keyspace_, scenario_.cost_model, cpu_, ledger_},
        mechanisms_(MechanismsOf(policy, scenario.duration_ms, bench_)) {}

  absl::Status Load();
  void Play();
  PolicyReport Figures() const;

 private:
  void TakeSample();
  bool Stopped() const { return control_.stop.load(std::memory_order_relaxed); }
  ReleaseMarks Marks(uint64_t expired) const;
  CpuShare CpuFigures() const;

  const Scenario& scenario_;
  const Policy& policy_;
  RunControl& control_;
  store::VirtualClock clock_{0};
  scanner::EventQueue events_{clock_};
  store::Keyspace keyspace_;
  NodeCpu cpu_;
  WorkLedger ledger_;
  Workbench bench_;
  std::vector<std::unique_ptr<Mechanism>> mechanisms_;
  ReleaseCurve curve_;
  Timeline timeline_;
  int64_t sampled_busy_ns_ = 0;
  bool completed_ = false;
  int64_t load_ns_ = 0;
  int64_t play_ns_ = 0;
};

absl::Status Run::Load() {
  const int64_t started_ns = tools::RealNanos();
  uint64_t all = 0, loaded = 0;
  for (const KeyGroup& group : scenario_.groups) all += group.keys;
  constexpr size_t kBatch = 16;  // so that the cache misses of a batch overlap
  std::array<std::string, kBatch> names;
  std::array<store::HashedKey, kBatch> keys;
  for (size_t g = 0; g < scenario_.groups.size(); ++g) {
    const KeyGroup& group = scenario_.groups[g];
    KeyMaker maker(group, Mix(scenario_.seed, g + 1));
    for (uint64_t first = 0; first < group.keys && !Stopped(); first += kBatch) {
      const size_t count = std::min<uint64_t>(kBatch, group.keys - first);
      for (size_t i = 0; i < count; ++i) {
        maker.NameOf(first + i, names[i]);
        keys[i] = keyspace_.Hash(names[i]);
      }
      keyspace_.Prefetch(absl::MakeConstSpan(keys.data(), count));
      for (size_t i = 0; i < count; ++i) {
        absl::Status written =
            maker.Write(keyspace_, keys[i], maker.ContentOf(first + i, 0), clock_.Now());
        if (!written.ok()) return written;
      }
      loaded += count;
      control_.progress = kLoadProgress * static_cast<double>(loaded) / static_cast<double>(all);
    }
  }
  load_ns_ = tools::RealNanos() - started_ns;
  return absl::OkStatus();
}

void Run::Play() {
  const int64_t started_ns = tools::RealNanos();
  events_.After(scenario_.reclamation_starts_ms, [this] {
    TakeSample();  // as it is before anything is reclaimed
    for (const auto& mechanism : mechanisms_) mechanism->Start();
  });
  for (const TimeMs sample_at : SampleTimes(scenario_)) {
    while (!Stopped()) {
      const std::optional<TimeMs> next = events_.NextEvent();
      if (!next || *next > sample_at) break;
      events_.RunUntil(*next);
      curve_.Add(clock_.Now(), keyspace_.Counters().expired_keys());
    }
    if (Stopped()) break;
    events_.RunUntil(sample_at);
    TakeSample();
    control_.progress =
        kLoadProgress + (1 - kLoadProgress) * Seconds(sample_at) / Seconds(scenario_.duration_ms);
  }
  completed_ = !Stopped();
  if (!completed_) TakeSample();
  play_ns_ = tools::RealNanos() - started_ns;
}

void Run::TakeSample() {
  for (const auto& mechanism : mechanisms_) mechanism->BeforeSample();
  // Without a thread for it, what is unlinked waits for this.
  keyspace_.lazy_free().Drain();
  const TimeMs now = clock_.Now();
  if (!timeline_.t_ms.empty() && timeline_.t_ms.back() == now) return;
  const store::Census census = keyspace_.TakeCensus(now);
  const uint64_t released = keyspace_.Counters().expired_keys();
  curve_.Add(now, released);
  const TimeMs since = timeline_.t_ms.empty() ? now : timeline_.t_ms.back();
  const int64_t busy_ns = cpu_.busy_ns() - sampled_busy_ns_;
  sampled_busy_ns_ = cpu_.busy_ns();
  timeline_.t_ms.push_back(now);
  timeline_.keys.push_back(census.keys);
  timeline_.stale_keys.push_back(census.expired_keys);
  timeline_.stale_bytes.push_back(census.expired_bytes);
  timeline_.used_bytes.push_back(census.used_bytes);
  timeline_.released.push_back(released);
  timeline_.cpu_share.push_back(now == since
                                    ? 0
                                    : scenario_.cost_model.idle_share +
                                          static_cast<double>(busy_ns) /
                                              static_cast<double>((now - since) * kNsPerMs));
}

ReleaseMarks Run::Marks(uint64_t expired) const {
  const auto mark = [&](double share) -> std::optional<double> {
    if (expired == 0) return std::nullopt;
    const auto keys = static_cast<uint64_t>(std::ceil(share * static_cast<double>(expired)));
    const std::optional<TimeMs> when = curve_.When(keys);
    if (!when) return std::nullopt;
    return Seconds(std::max<TimeMs>(*when - scenario_.reclamation_starts_ms, 0));
  };
  return {mark(0.5), mark(0.9), mark(0.99), mark(1)};
}

CpuShare Run::CpuFigures() const {
  const double elapsed_ns =
      static_cast<double>((clock_.Now() - scenario_.reclamation_starts_ms) * kNsPerMs);
  if (elapsed_ns <= 0) return {};
  CpuShare share;
  share.reclamation = static_cast<double>(cpu_.reclaiming_ns()) / elapsed_ns;
  share.mean = scenario_.cost_model.idle_share + static_cast<double>(cpu_.busy_ns()) / elapsed_ns;
  for (const double sampled : timeline_.cpu_share) share.peak = std::max(share.peak, sampled);
  return share;
}

PolicyReport Run::Figures() const {
  PolicyReport report;
  report.name = policy_.name;
  report.label = policy_.label;
  report.published = policy_.published;
  report.completed = completed_;
  report.ended_at_seconds = Seconds(clock_.Now());
  ScanTotals scans;
  for (const auto& mechanism : mechanisms_) mechanism->AddTo(scans);
  if (scans.scans > 0) report.scan = scans;
  const store::KeyspaceCounters counters = keyspace_.Counters();
  report.released_on_access = counters.released_on_access;
  report.released_naturally = counters.released_by_sample;
  report.released_by_scans = counters.released_by_sweep;
  report.steps = ledger_.steps;
  report.looked_at = ledger_.looked_at;
  const TimeMs from = scenario_.reclamation_starts_ms;
  report.stale_keys = LevelsOf(timeline_.t_ms, timeline_.stale_keys, from);
  report.stale_bytes = LevelsOf(timeline_.t_ms, timeline_.stale_bytes, from);
  report.used_bytes = LevelsOf(timeline_.t_ms, timeline_.used_bytes, from);
  const uint64_t expired =
      counters.expired_keys() + (timeline_.stale_keys.empty() ? 0 : timeline_.stale_keys.back());
  report.release_seconds = Marks(expired);
  if (expired > 0) {
    report.mean_delay_seconds =
        AreaOf(timeline_.t_ms, timeline_.stale_keys) / static_cast<double>(expired);
  }
  report.cpu_share = CpuFigures();
  report.timeline = timeline_;
  report.measured = {NsToSeconds(load_ns_), NsToSeconds(play_ns_),
                     NsToSeconds(ledger_.real_cpu_ns)};
  return report;
}

}  // namespace

absl::StatusOr<PolicyReport> RunPolicy(const Scenario& scenario, const Policy& policy,
                                       RunControl& control) {
  Run run(scenario, policy, control);
  if (absl::Status loaded = run.Load(); !loaded.ok()) return loaded;
  run.Play();
  return run.Figures();
}

std::vector<LoadReport> DescribeLoad(const Scenario& scenario) {
  std::vector<LoadReport> load;
  std::string name;
  for (size_t g = 0; g < scenario.groups.size(); ++g) {
    const KeyGroup& group = scenario.groups[g];
    const KeyMaker maker(group, Mix(scenario.seed, g + 1));
    LoadReport& described = load.emplace_back();
    described.name = group.name;
    described.type = group.type == store::ValueType::kHash ? "hash" : "string";
    described.keys = group.keys;
    for (uint64_t number = 0; number < group.keys; ++number) {
      const Content content = maker.ContentOf(number, 0);
      maker.NameOf(number, name);
      described.keys_with_deadline += content.lifetime_ms != store::kNoDeadline;
      described.key_bytes += name.size();
      described.value_bytes += content.value_bytes * std::max<size_t>(content.fields, 1);
    }
  }
  return load;
}

std::vector<TimeMs> SampleTimes(const Scenario& scenario) {
  std::vector<TimeMs> times = {0, scenario.reclamation_starts_ms, scenario.duration_ms};
  for (int64_t i = 1; i < scenario.samples; ++i) {
    double share = static_cast<double>(i) / static_cast<double>(scenario.samples);
    if (scenario.spacing == SampleSpacing::kDenseFirst) share *= share;
    times.push_back(std::llround(share * static_cast<double>(scenario.duration_ms)));
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

}  // namespace dcs::simulate
