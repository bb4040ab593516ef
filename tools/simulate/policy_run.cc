#include "tools/simulate/policy_run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>

#include "scanner/event_queue.h"
#include "store/keyspace.h"
#include "tools/real_time.h"
#include "tools/simulate/key_maker.h"
#include "tools/simulate/mechanism.h"
#include "tools/simulate/recorder.h"
#include "tools/simulate/traffic.h"

namespace dcs::simulate {
namespace {

constexpr double kLoadProgress = 0.5;    // rough share of loading in the whole run
constexpr TimeMs kTrafficSlices = 5000;  // slices of a scenario

double Seconds(TimeMs ms) { return static_cast<double>(ms) / 1000; }
// The state of one run.
class Run {
 public:
  Run(const Scenario& scenario, const Policy& policy, RunControl& control)
      : scenario_(scenario),
        policy_(policy),
        control_(control),
        keyspace_({.seed = Mix(scenario.seed, 0),
                   .release_on_access = policy.release_on_access,
                   .lazy_free_thread = false}),
        ledger_(scenario.duration_ms, policy.ideal),
        bench_{.events = events_,
               .keyspace = keyspace_,
               .costs = scenario_.cost_model,
               .cpu = cpu_,
               .ledger = ledger_,
               .work = work_,
               .take_sample = [this](SampleKind kind) { TakeSample(kind); }} {
    PlanSamples();
    mechanisms_ = MechanismsOf(policy, scenario.duration_ms, bench_);
  }

  absl::Status Load();
  // Errors: kInternal if the keyspace's keys differ from those written and not released.
  absl::StatusOr<PolicyReport> Play();

 private:
  // Called before any other event is added, so events of a sample's millisecond come after the
  // sample.
  void PlanSamples();
  // Plays the clients until `until`. REQUIRES: no event is due before.
  absl::Status PlayTraffic(TimeMs until);
  void TakeSample(SampleKind kind);
  PolicyReport Figures() const;
  bool Stopped() const { return control_.stop.load(std::memory_order_relaxed); }

  const Scenario& scenario_;
  const Policy& policy_;
  RunControl& control_;
  store::VirtualClock clock_{0};
  scanner::EventQueue events_{clock_};
  store::Keyspace keyspace_;
  NodeCpu cpu_;
  ExpiryLedger ledger_;
  WorkLedger work_;
  Workbench bench_;
  std::vector<std::unique_ptr<Mechanism>> mechanisms_;
  Traffic traffic_{scenario_, events_, keyspace_, cpu_, ledger_};
  Recorder recorder_{scenario_, clock_, keyspace_, cpu_, ledger_, traffic_};
  std::optional<PolicyReport> completed_;  // set after the last sample
  int64_t load_ns_ = 0;
};

absl::Status Run::Load() {
  const int64_t started_ns = tools::RealNanos();
  uint64_t all = 0, loaded = 0;
  for (const KeyGroup& group : scenario_.groups) all += group.keys;
  constexpr size_t kBatch = 16;  // the cache misses of a batch overlap
  std::array<std::string, kBatch> names;
  std::array<store::HashedKey, kBatch> keys;
  for (size_t g = 0; g < scenario_.groups.size(); ++g) {
    const KeyGroup& group = scenario_.groups[g];
    KeyMaker maker(group, GroupSeed(scenario_, g));
    for (uint64_t first = 0; first < group.keys && !Stopped(); first += kBatch) {
      const size_t count = std::min<uint64_t>(kBatch, group.keys - first);
      for (size_t i = 0; i < count; ++i) {
        maker.NameOf(first + i, names[i]);
        keys[i] = keyspace_.Hash(names[i]);
      }
      keyspace_.Prefetch(absl::MakeConstSpan(keys.data(), count));
      for (size_t i = 0; i < count; ++i) {
        store::Transaction txn(keyspace_, clock_.Now(), keys[i]);
        absl::Status written = maker.Write(txn, keys[i], maker.ContentOf(first + i, 0));
        if (!written.ok()) return written;
        NoteMade(txn, keys[i], ledger_);
      }
      loaded += count;
      control_.progress = kLoadProgress * static_cast<double>(loaded) / static_cast<double>(all);
    }
  }
  load_ns_ = tools::RealNanos() - started_ns;
  return absl::OkStatus();
}

void Run::PlanSamples() {
  for (const TimeMs at : SampleTimes(scenario_)) {
    events_.After(at, [this, at] {
      TakeSample(SampleKind::kPlanned);
      if (at == scenario_.reclamation_starts_ms) recorder_.NoteStart();
      control_.progress =
          kLoadProgress + (1 - kLoadProgress) * Seconds(at) / Seconds(scenario_.duration_ms);
      // Events of the same millisecond still run, but change nothing that is reported.
      if (at == scenario_.duration_ms) completed_ = Figures();
    });
  }
  events_.After(scenario_.reclamation_starts_ms, [this] {
    for (const auto& mechanism : mechanisms_) mechanism->Start();
  });
}

absl::StatusOr<PolicyReport> Run::Play() {
  const int64_t started_ns = tools::RealNanos();
  while (!completed_ && !Stopped()) {
    const TimeMs next = *events_.NextEvent();  // at the latest the last sample
    if (absl::Status played = PlayTraffic(next); !played.ok()) return played;
    if (Stopped()) break;
    events_.RunUntil(next);
    recorder_.NoteReleased();
  }
  if (!completed_) TakeSample(SampleKind::kPlanned);
  if (!recorder_.agreement().ok()) return recorder_.agreement();
  PolicyReport report = completed_ ? *std::move(completed_) : Figures();
  report.completed = completed_.has_value();
  report.measured = {NsToSeconds(load_ns_), NsToSeconds(tools::RealNanos() - started_ns),
                     NsToSeconds(work_.real_cpu_ns)};
  return report;
}

absl::Status Run::PlayTraffic(TimeMs until) {
  if (scenario_.traffic.empty()) return absl::OkStatus();
  // Plays in slices, so that samples see releases on access in time and a run can be stopped.
  const TimeMs slice = std::max<TimeMs>(scenario_.duration_ms / kTrafficSlices, 1);
  const auto answered = [this](int64_t at_ns) {
    for (const auto& mechanism : mechanisms_) mechanism->AfterAnswer(at_ns);
  };
  for (TimeMs at = clock_.Now(); at < until && !Stopped();) {
    at = std::min(at + slice, until);
    if (absl::Status played = traffic_.RunUntil(at, answered); !played.ok()) return played;
    // There is no lazy-free thread, so replaced values are freed here.
    keyspace_.lazy_free().Drain();
    recorder_.NoteReleased();
  }
  return absl::OkStatus();
}

void Run::TakeSample(SampleKind kind) {
  for (const auto& mechanism : mechanisms_) mechanism->BeforeSample();
  // There is no lazy-free thread, so unlinked values are freed here.
  keyspace_.lazy_free().Drain();
  recorder_.TakeSample(kind);
}

PolicyReport Run::Figures() const {
  PolicyReport report;
  report.name = policy_.name;
  report.label = policy_.label;
  report.ideal = policy_.ideal;
  report.published = policy_.published;
  report.ended_at_seconds = Seconds(clock_.Now());
  ScanTotals scans;
  for (const auto& mechanism : mechanisms_) {
    mechanism->AddTo(scans);
    mechanism->AddTo(report.markers);
  }
  if (scans.scans > 0) report.scan = scans;
  std::stable_sort(report.markers.begin(), report.markers.end(),
                   [](const Marker& a, const Marker& b) { return a.at_ms < b.at_ms; });
  report.steps = work_.steps;
  report.looked_at = work_.looked_at;
  recorder_.Conclude(report);
  return report;
}

}  // namespace

absl::StatusOr<PolicyReport> RunPolicy(const Scenario& scenario, const Policy& policy,
                                       RunControl& control) {
  Run run(scenario, policy, control);
  if (absl::Status loaded = run.Load(); !loaded.ok()) return loaded;
  return run.Play();
}

std::vector<LoadReport> DescribeLoad(const Scenario& scenario) {
  std::vector<LoadReport> load;
  std::string name;
  for (size_t g = 0; g < scenario.groups.size(); ++g) {
    const KeyGroup& group = scenario.groups[g];
    const KeyMaker maker(group, GroupSeed(scenario, g));
    LoadReport& described = load.emplace_back();
    described.name = group.name;
    described.type = group.type == store::ValueType::kHash ? "hash" : "string";
    described.keys = group.keys;
    for (uint64_t number = 0; number < group.keys; ++number) {
      const Content content = maker.ContentOf(number, 0);
      maker.NameOf(number, name);
      if (content.lifetime_ms != store::kNoDeadline) {
        ++described.keys_with_deadline;
        described.last_deadline_ms = std::max(described.last_deadline_ms, content.lifetime_ms);
      }
      described.key_bytes += name.size();
      described.value_bytes += content.value_bytes * std::max<size_t>(content.fields, 1);
    }
  }
  return load;
}

std::vector<TimeMs> SampleTimes(const Scenario& scenario) {
  const auto planned = [&](int64_t i) {
    double share = static_cast<double>(i) / static_cast<double>(scenario.samples);
    if (scenario.spacing == SampleSpacing::kDenseFirst) share *= share;
    return std::llround(share * static_cast<double>(scenario.duration_ms));
  };
  const TimeMs start = scenario.reclamation_starts_ms;
  std::vector<TimeMs> times = {0, start, scenario.duration_ms};
  for (int64_t i = 1; i < scenario.samples; ++i) {
    // CPU shares between two samples that happen to be close together mean little.
    const bool beside_start = std::abs(planned(i) - start) * 4 < planned(i + 1) - planned(i);
    if (!beside_start) times.push_back(planned(i));
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

}  // namespace dcs::simulate
