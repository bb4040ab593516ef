#include "tools/simulate/recorder.h"

#include <algorithm>
#include <cmath>

#include "tools/simulate/levels.h"

namespace dcs::simulate {
namespace {

double Seconds(TimeMs ms) { return static_cast<double>(ms) / 1000; }

}  // namespace

void Recorder::TakeSample() {
  const TimeMs now = clock_.Now();
  if (!timeline_.t_ms.empty() && timeline_.t_ms.back() == now) return;
  const store::Census census = keyspace_.TakeCensus(now);
  NoteReleased();
  const double since = timeline_.t_ms.empty() ? 0 : Seconds(now - timeline_.t_ms.back());
  const auto busy_ns = static_cast<double>(cpu_.busy_ns() - sampled_busy_ns_);
  sampled_busy_ns_ = cpu_.busy_ns();
  timeline_.t_ms.push_back(now);
  timeline_.keys.push_back(census.keys);
  timeline_.stale_keys.push_back(census.expired_keys);
  timeline_.stale_bytes.push_back(census.expired_bytes);
  timeline_.used_bytes.push_back(census.used_bytes);
  timeline_.held_bytes.push_back(census.held_bytes);
  timeline_.released.push_back(keyspace_.Counters().expired_keys());
  timeline_.cpu_share.push_back(
      since == 0 ? 0 : std::min(1.0, scenario_.cost_model.idle_share + busy_ns / 1e9 / since));
  if (!scenario_.traffic.empty()) SampleTraffic(since);
}

void Recorder::SampleTraffic(double seconds) {
  const TrafficCounts counts = traffic_.counts();
  const auto a_second = [&](uint64_t more) {
    return seconds == 0 ? 0 : static_cast<double>(more) / seconds;
  };
  timeline_.commands_per_second.push_back(a_second(counts.commands() - sampled_counts_.commands()));
  timeline_.misses_per_second.push_back(a_second(counts.misses - sampled_counts_.misses));
  timeline_.delay_p99_us.push_back(traffic_.TakeRecentDelays().QuantileUs(0.99));
  sampled_counts_ = counts;
}

ReleaseMarks Recorder::Marks(uint64_t expired) const {
  const auto mark = [&](double share) -> std::optional<double> {
    if (expired == 0) return std::nullopt;
    const auto keys = static_cast<uint64_t>(std::ceil(share * static_cast<double>(expired)));
    const std::optional<TimeMs> when = curve_.When(keys);
    if (!when) return std::nullopt;
    return Seconds(std::max<TimeMs>(*when - scenario_.reclamation_starts_ms, 0));
  };
  return {mark(0.5), mark(0.9), mark(0.99), mark(1)};
}

CpuShare Recorder::CpuFigures() const {
  const double elapsed_ns =
      static_cast<double>((clock_.Now() - scenario_.reclamation_starts_ms) * kNsPerMs);
  if (elapsed_ns <= 0) return {};
  CpuShare share;
  share.reclamation = static_cast<double>(cpu_.reclaiming_ns()) / elapsed_ns;
  // Traffic has been at work since the start.
  share.mean = std::min(1.0, scenario_.cost_model.idle_share +
                                 static_cast<double>(cpu_.reclaiming_ns()) / elapsed_ns +
                                 static_cast<double>(cpu_.busy_ns() - cpu_.reclaiming_ns()) /
                                     static_cast<double>(clock_.Now() * kNsPerMs));
  for (const double sampled : timeline_.cpu_share) share.peak = std::max(share.peak, sampled);
  return share;
}

TrafficReport Recorder::TrafficFigures() const {
  const Delays& delays = traffic_.delays();
  return {.counts = traffic_.counts(),
          .streams = traffic_.StreamCounts(),
          .delay = {.mean_us = delays.MeanUs(),
                    .p50_us = delays.QuantileUs(0.5),
                    .p99_us = delays.QuantileUs(0.99),
                    .p999_us = delays.QuantileUs(0.999),
                    .longest_us = delays.LongestUs()}};
}

// While a scan runs, a node is as busy as without it and does the scan's work besides: samples may lie
// too far apart to show that.
void Recorder::NotePeakOfScans(PolicyReport& report) const {
  if (!report.scan || report.scan->duration_ms == 0) return;
  const double scanning = static_cast<double>(report.scan->cost_ns) /
                          static_cast<double>(report.scan->duration_ms * kNsPerMs);
  const double otherwise = report.cpu_share.mean - report.cpu_share.reclamation;
  report.cpu_share.peak = std::max(report.cpu_share.peak, std::min(1.0, otherwise + scanning));
}

void Recorder::Conclude(PolicyReport& report) const {
  const store::KeyspaceCounters counters = keyspace_.Counters();
  report.released_keys[Cause::kAccess] = counters.released_on_access;
  report.released_keys[Cause::kNaturalDeletion] = counters.released_by_sample;
  report.released_keys[Cause::kScan] = counters.released_by_sweep;
  const TimeMs from = scenario_.reclamation_starts_ms;
  report.stale_keys = LevelsOf(timeline_.t_ms, timeline_.stale_keys, from);
  report.stale_bytes = LevelsOf(timeline_.t_ms, timeline_.stale_bytes, from);
  report.used_bytes = LevelsOf(timeline_.t_ms, timeline_.used_bytes, from);
  report.held_bytes = LevelsOf(timeline_.t_ms, timeline_.held_bytes, from);
  report.expired =
      counters.expired_keys() + (timeline_.stale_keys.empty() ? 0 : timeline_.stale_keys.back());
  report.release_seconds = Marks(report.expired);
  if (report.expired > 0) {
    report.mean_delay_seconds =
        AreaOf(timeline_.t_ms, timeline_.stale_keys) / static_cast<double>(report.expired);
  }
  report.cpu_share = CpuFigures();
  NotePeakOfScans(report);
  if (!scenario_.traffic.empty()) report.traffic = TrafficFigures();
  report.timeline = timeline_;
}

}  // namespace dcs::simulate
