#include "tools/simulate/report_csv.h"

#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tools/simulate/csv.h"

namespace dcs::simulate {
namespace {

// A column: its name, and the function that writes a cell of a policy that has run.
struct Column {
  std::string name;
  std::function<void(Csv&, const PolicyReport&)> put;
};
using Columns = std::vector<Column>;

void PutFigure(Csv& csv, uint64_t figure) { csv.Whole(figure); }
void PutFigure(Csv& csv, double figure) { csv.Number(figure); }
void PutFigure(Csv& csv, const std::optional<double>& figure) { csv.Number(figure); }

// `get` returns a figure, or a pointer that is null if there is none.
void Add(Columns& columns, std::string name, auto get) {
  columns.push_back({std::move(name), [get](Csv& csv, const PolicyReport& policy) {
                       const auto figure = get(policy);
                       if constexpr (std::is_pointer_v<decltype(figure)>) {
                         if (figure == nullptr) return csv.Empty();
                         PutFigure(csv, *figure);
                       } else {
                         PutFigure(csv, figure);
                       }
                     }});
}

void AddLevels(Columns& columns, const std::string& name, Levels PolicyReport::*levels) {
  const auto add = [&](const char* of, double Levels::*figure) {
    Add(columns, name + of, [=](const PolicyReport& p) { return p.*levels.*figure; });
  };
  add("_mean", &Levels::mean);
  add("_p99", &Levels::p99);
  add("_peak", &Levels::peak);
  add("_end", &Levels::end);
}

template <typename T>
void AddCauses(Columns& columns, const std::string& name, ByCause<T> PolicyReport::*figures) {
  Add(columns, name, [=](const PolicyReport& p) { return (p.*figures).total(); });
  for (size_t i = 0; i < kCauses; ++i) {
    const Cause cause = static_cast<Cause>(i);
    Add(columns, name + "_by_" + std::string(NameOf(cause)),
        [=](const PolicyReport& p) { return (p.*figures)[cause]; });
  }
}

template <typename T>
const T* In(const std::optional<ScanTotals>& scan, T ScanTotals::*figure) {
  return scan ? &((*scan).*figure) : nullptr;
}

void AddScans(Columns& columns) {
  const auto add = [&](const char* name, uint64_t ScanTotals::*figure) {
    Add(columns, name, [=](const PolicyReport& p) { return In(p.scan, figure); });
  };
  add("scans_started", &ScanTotals::scans);
  add("scans_ended", &ScanTotals::ended);
  add("scans_failed", &ScanTotals::failed);
  add("scans_skipped", &ScanTotals::skipped);
  add("scan_steps", &ScanTotals::steps);
  add("scan_visited_keys", &ScanTotals::visited);
  add("scan_released_keys", &ScanTotals::released);
  Add(columns, "ended_scans_seconds", [](const PolicyReport& p) -> std::optional<double> {
    if (!p.scan || p.scan->ended == 0) return std::nullopt;
    return static_cast<double>(p.scan->duration_ms) / 1000;
  });
}

void AddTraffic(Columns& columns) {
  const auto count = [&](const char* name, uint64_t TrafficCounts::*figure) {
    Add(columns, name, [=](const PolicyReport& p) -> const uint64_t* {
      return p.traffic ? &(p.traffic->counts.*figure) : nullptr;
    });
  };
  count("reads", &TrafficCounts::reads);
  count("writes", &TrafficCounts::writes);
  count("hits", &TrafficCounts::hits);
  count("misses", &TrafficCounts::misses);
  count("fills", &TrafficCounts::fills);
  count("most_waiting_fills", &TrafficCounts::most_waiting);
  const auto delay = [&](const char* name, double DelayFigures::*figure) {
    Add(columns, name, [=](const PolicyReport& p) -> const double* {
      return p.traffic ? &(p.traffic->delay.*figure) : nullptr;
    });
  };
  delay("command_delay_mean_us", &DelayFigures::mean_us);
  delay("command_delay_p50_us", &DelayFigures::p50_us);
  delay("command_delay_p99_us", &DelayFigures::p99_us);
  delay("command_delay_p999_us", &DelayFigures::p999_us);
  delay("command_delay_max_us", &DelayFigures::longest_us);
}

void AddRelease(Columns& columns) {
  const auto mark = [&](const char* name, std::optional<double> ReleaseMarks::*figure) {
    Add(columns, name, [=](const PolicyReport& p) { return p.release_seconds.*figure; });
  };
  mark("released_50_percent_seconds", &ReleaseMarks::p50);
  mark("released_90_percent_seconds", &ReleaseMarks::p90);
  mark("released_99_percent_seconds", &ReleaseMarks::p99);
  mark("released_100_percent_seconds", &ReleaseMarks::p100);
  Add(columns, "mean_delay_seconds", [](const PolicyReport& p) { return p.mean_delay_seconds; });
}

void AddCpu(Columns& columns) {
  Add(columns, "cpu_share_mean", [](const PolicyReport& p) { return p.cpu_share.mean; });
  Add(columns, "cpu_share_reclamation",
      [](const PolicyReport& p) { return p.cpu_share.reclamation; });
  Add(columns, "cpu_share_peak", [](const PolicyReport& p) { return p.cpu_share.peak; });
  Add(columns, "cpu_share_while_reclaiming",
      [](const PolicyReport& p) { return p.cpu_share.while_reclaiming; });
}

// Columns that a policy has even if it has not run.
void AddPublished(Columns& columns) {
  const auto add = [&](const char* name, std::optional<double> Published::*figure) {
    Add(columns, name, [=](const PolicyReport& p) -> std::optional<double> {
      return p.published ? (*p.published).*figure : std::nullopt;
    });
  };
  add("published_seconds", &Published::seconds);
  add("published_keys_per_second", &Published::keys_per_second);
  add("published_cpu_share", &Published::cpu_share);
}

void AddGoal(Columns& columns) {
  columns.push_back({"goal", [](Csv& csv, const PolicyReport& p) {
                       csv.Text(!p.goal ? "" : p.goal->met ? "met" : "missed");
                     }});
  columns.push_back({"goal_why", [](Csv& csv, const PolicyReport& p) {
                       csv.Text(p.goal ? p.goal->why : std::string());
                     }});
}

Columns FigureColumns() {
  Columns columns;
  Add(columns, "ended_at_seconds", [](const PolicyReport& p) { return p.ended_at_seconds; });
  AddLevels(columns, "stale_keys", &PolicyReport::stale_keys);
  AddLevels(columns, "stale_bytes", &PolicyReport::stale_bytes);
  AddLevels(columns, "used_bytes", &PolicyReport::used_bytes);
  AddLevels(columns, "held_bytes", &PolicyReport::held_bytes);
  Add(columns, "made_keys", [](const PolicyReport& p) { return p.made; });
  Add(columns, "replaced_keys", [](const PolicyReport& p) { return p.replaced; });
  Add(columns, "expired_keys", [](const PolicyReport& p) { return p.expired; });
  AddCauses(columns, "released_keys", &PolicyReport::released_keys);
  AddCauses(columns, "released_bytes", &PolicyReport::released_bytes);
  AddRelease(columns);
  AddCauses(columns, "work_seconds", &PolicyReport::work_seconds);
  AddCpu(columns);
  Add(columns, "steps", [](const PolicyReport& p) { return p.steps; });
  Add(columns, "looked_at_keys", [](const PolicyReport& p) { return p.looked_at; });
  Add(columns, "looked_at_keys_per_released_key",
      [](const PolicyReport& p) -> std::optional<double> {
        if (p.released() == 0) return std::nullopt;
        return static_cast<double>(p.looked_at) / static_cast<double>(p.released());
      });
  AddScans(columns);
  AddTraffic(columns);
  AddGoal(columns);
  return columns;
}

std::string_view StateOf(const PolicyReport& policy) {
  return !policy.has_run() ? "not run" : policy.completed ? "completed" : "stopped";
}

// ---- The timeline -------------------------------------------------------------------------------

void PutSample(Csv& csv, const auto& series, size_t sample) {
  if (sample < series.size()) return PutFigure(csv, series[sample]);
  csv.Empty();  // a traffic series without traffic
}

void PutSample(Csv& csv, const Timeline& timeline, size_t sample) {
  PutSample(csv, timeline.keys, sample);
  PutSample(csv, timeline.stale_keys, sample);
  PutSample(csv, timeline.stale_bytes, sample);
  PutSample(csv, timeline.used_bytes, sample);
  PutSample(csv, timeline.held_bytes, sample);
  PutSample(csv, timeline.released, sample);
  PutSample(csv, timeline.cpu_share, sample);
  PutSample(csv, timeline.reclamation_share, sample);
  PutSample(csv, timeline.commands_per_second, sample);
  PutSample(csv, timeline.misses_per_second, sample);
  PutSample(csv, timeline.delay_p99_us, sample);
}

constexpr std::string_view kTimelineColumns[] = {"policy",
                                                 "t_seconds",
                                                 "keys",
                                                 "stale_keys",
                                                 "stale_bytes",
                                                 "used_bytes",
                                                 "held_bytes",
                                                 "released_keys",
                                                 "cpu_share",
                                                 "reclamation_share",
                                                 "commands_per_second",
                                                 "misses_per_second",
                                                 "command_delay_p99_us"};

}  // namespace

std::string PoliciesCsv(const Report& report) {
  Columns published;
  AddPublished(published);
  const Columns figures = FigureColumns();
  Csv csv;
  for (const char* name : {"policy", "label", "state", "ideal"}) csv.Text(name);
  for (const Columns* columns : {&figures, &std::as_const(published)}) {
    for (const Column& column : *columns) csv.Text(column.name);
  }
  csv.EndRow();
  for (const PolicyReport& policy : report.policies) {
    csv.Text(policy.name);
    csv.Text(policy.label);
    csv.Text(StateOf(policy));
    csv.Text(!policy.has_run() ? "" : policy.ideal ? "yes" : "no");
    for (const Column& column : figures) {
      if (policy.has_run()) {
        column.put(csv, policy);
      } else {
        csv.Empty();
      }
    }
    for (const Column& column : published) column.put(csv, policy);
    csv.EndRow();
  }
  return csv.text();
}

std::string TimelineCsv(const Report& report) {
  Csv csv;
  for (const std::string_view name : kTimelineColumns) csv.Text(name);
  csv.EndRow();
  for (const PolicyReport& policy : report.policies) {
    for (size_t sample = 0; sample < policy.timeline.t_ms.size(); ++sample) {
      csv.Text(policy.name);
      csv.Milliseconds(policy.timeline.t_ms[sample]);
      PutSample(csv, policy.timeline, sample);
      csv.EndRow();
    }
  }
  return csv.text();
}

}  // namespace dcs::simulate
