#include "tools/simulate/recorder.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/simulate/levels.h"

namespace dcs::simulate {
namespace {

double Seconds(TimeMs ms) { return static_cast<double>(ms) / 1000; }

}  // namespace

void Recorder::NoteReleased() {
  // A key counts as released when the node has done the work for it.
  const TimeMs done_at =
      std::max<TimeMs>(clock_.Now(), (cpu_.free_at_ns() + kNsPerMs / 2) / kNsPerMs);
  curve_.Add({done_at, ledger_.released_keys().total(), cpu_.DoneNs(done_at * kNsPerMs)});
}

void Recorder::NoteStart() {
  start_ = {
      .at = clock_.Now(), .done_ns = cpu_.DoneNs(now_ns()), .reclaiming_ns = cpu_.reclaiming_ns()};
  ledger_.Advance(clock_.Now());
  ledger_.StartPeaks();
}

void Recorder::TakeSample(SampleKind kind) {
  const TimeMs now = clock_.Now();
  ledger_.Advance(now);
  NoteReleased();
  if (timeline_.t_ms.empty() || timeline_.t_ms.back() != now) {
    const store::Census census = keyspace_.TakeCensus(now);
    Compare(census);
    timeline_.t_ms.push_back(now);
    timeline_.keys.push_back(census.keys);
    timeline_.stale_keys.push_back(census.expired_keys);
    timeline_.stale_bytes.push_back(census.expired_bytes);
    timeline_.used_bytes.push_back(census.used_bytes);
    timeline_.held_bytes.push_back(census.held_bytes);
    timeline_.released.push_back(ledger_.released_keys().total());
  }
  if (LongEnough(kind)) CloseInterval();
  if (kind == SampleKind::kPlanned && !scenario_.traffic.empty()) CloseTraffic();
}

// CPU shares of a few milliseconds would show single steps as peaks.
bool Recorder::LongEnough(SampleKind kind) const {
  constexpr TimeMs kShortestMs = 200;
  const TimeMs now = clock_.Now();
  if (now == 0 || now == scenario_.duration_ms) return true;
  const TimeMs since = now - closed_.at;
  switch (kind) {
    case SampleKind::kPlanned:
      return since >= std::min(kShortestMs, scenario_.duration_ms / scenario_.samples / 2);
    case SampleKind::kEdge:
      return since >= kShortestMs;
    case SampleKind::kLevel:
      return false;
  }
  return false;
}

void Recorder::Compare(const store::Census& census) {
  const auto live = static_cast<int64_t>(ledger_.live());
  const ExpiryLedger::Amount& stale = ledger_.stale();
  if (!agreement_.ok() || (static_cast<int64_t>(census.keys) == live + stale.keys &&
                           static_cast<int64_t>(census.expired_keys) == stale.keys &&
                           static_cast<int64_t>(census.expired_bytes) == stale.bytes)) {
    return;
  }
  agreement_ = absl::InternalError(
      absl::StrCat("at ", clock_.Now(), " ms the keyspace has ", census.keys, " keys, ",
                   census.expired_keys, " of them stale with ", census.expired_bytes,
                   " bytes; by the writes and releases it should have ", live + stale.keys, ", ",
                   stale.keys, " and ", stale.bytes));
}

// Appends one value of `amount` per second for each sample that a series does not cover yet.
void Recorder::Fill(std::vector<double>& series, double amount, double seconds) const {
  series.resize(timeline_.t_ms.size(), seconds > 0 ? amount / seconds : 0);
}

void Recorder::CloseInterval() {
  const double seconds = Seconds(clock_.Now() - closed_.at);
  const int64_t done_ns = cpu_.DoneNs(now_ns());
  const double busy =
      NsToSeconds(done_ns - closed_.done_ns) + scenario_.cost_model.idle_share * seconds;
  Fill(timeline_.cpu_share, std::min(busy, seconds), seconds);
  Fill(timeline_.reclamation_share, NsToSeconds(cpu_.reclaiming_ns() - closed_.reclaiming_ns),
       seconds);
  closed_ = {.at = clock_.Now(), .done_ns = done_ns, .reclaiming_ns = cpu_.reclaiming_ns()};
}

// Uses planned samples only, so that policies compare: all have the same clients.
void Recorder::CloseTraffic() {
  const double seconds = Seconds(clock_.Now() - traffic_at_);
  const TrafficCounts counts = traffic_.counts();
  Fill(timeline_.commands_per_second,
       static_cast<double>(counts.commands() - traffic_counts_.commands()), seconds);
  Fill(timeline_.misses_per_second, static_cast<double>(counts.misses - traffic_counts_.misses),
       seconds);
  timeline_.delay_p99_us.resize(timeline_.t_ms.size(),
                                traffic_.TakeRecentDelays().QuantileUs(0.99));
  traffic_at_ = clock_.Now();
  traffic_counts_ = counts;
}

ReleaseMarks Recorder::Marks() const {
  const uint64_t expired = ledger_.expired();
  const auto mark = [&](double share) -> std::optional<double> {
    if (expired == 0) return std::nullopt;
    const auto keys = static_cast<uint64_t>(std::ceil(share * static_cast<double>(expired)));
    const auto point = curve_.When(keys);
    if (!point) return std::nullopt;
    return Seconds(std::max<TimeMs>(point->at - start_.at, 0));
  };
  return {mark(0.5), mark(0.9), mark(0.99), mark(1)};
}

CpuShare Recorder::CpuFigures(const PolicyReport& report) const {
  CpuShare share;
  for (const double sampled : timeline_.cpu_share) share.peak = std::max(share.peak, sampled);
  const auto of = [&](int64_t done_ns, TimeMs until) {
    return std::min(1.0, scenario_.cost_model.idle_share +
                             NsToSeconds(done_ns - start_.done_ns) / Seconds(until - start_.at));
  };
  const TimeMs now = clock_.Now();
  if (now <= start_.at) return share;
  share.mean = of(cpu_.DoneNs(now_ns()), now);
  share.reclamation =
      NsToSeconds(cpu_.reclaiming_ns() - start_.reclaiming_ns) / Seconds(now - start_.at);
  if (report.ideal) return share;
  if (report.scan && report.scan->first_end_ms) {
    if (*report.scan->first_end_ms > start_.at) {
      share.while_reclaiming = of(report.scan->done_ns_at_first_end, *report.scan->first_end_ms);
    }
  } else if (const auto point = curve_.When(std::max<uint64_t>(ledger_.expired(), 1));
             point && point->at > start_.at) {
    share.while_reclaiming = of(point->done_ns, point->at);
  }
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

void Recorder::Conclude(PolicyReport& report) const {
  report.stale_keys = LevelsOf(timeline_.t_ms, timeline_.stale_keys, start_.at);
  report.stale_bytes = LevelsOf(timeline_.t_ms, timeline_.stale_bytes, start_.at);
  report.used_bytes = LevelsOf(timeline_.t_ms, timeline_.used_bytes, start_.at);
  report.held_bytes = LevelsOf(timeline_.t_ms, timeline_.held_bytes, start_.at);
  // The ledger knows the highest value even if no sample saw it.
  report.stale_keys.peak = static_cast<double>(ledger_.peak().keys);
  report.stale_bytes.peak = static_cast<double>(ledger_.peak().bytes);
  report.released_keys = ledger_.released_keys();
  report.released_bytes = ledger_.released_bytes();
  report.expired = ledger_.expired();
  report.made = ledger_.made();
  report.replaced = ledger_.replaced();
  for (size_t i = 0; i < kCauses; ++i) {
    report.work_seconds.of[i] = NsToSeconds(cpu_.charged_ns().of[i]);
  }
  report.release_seconds = Marks();
  if (report.expired > 0) report.mean_delay_seconds = ledger_.MeanDelaySeconds();
  report.cpu_share = CpuFigures(report);
  if (!scenario_.traffic.empty()) report.traffic = TrafficFigures();
  report.timeline = timeline_;
}

}  // namespace dcs::simulate
