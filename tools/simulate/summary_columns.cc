#include "tools/simulate/summary_columns.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "tools/simulate/figures.h"
#include "tools/simulate/finished_policies.h"
#include "tools/simulate/goal_verdict.h"

namespace dcs::simulate {
namespace {

using Cell = std::optional<std::string>;  // absent: "-"

constexpr const char* kNoFigure = "-";

// A set of measures.
using Measures = unsigned;
constexpr Measures Of(std::initializer_list<Measure> measures) {
  Measures set = 0;
  for (const Measure measure : measures) set |= 1U << static_cast<unsigned>(measure);
  return set;
}

Cell Time(const std::optional<double>& seconds) {
  return seconds ? Cell(DurationText(*seconds)) : std::nullopt;
}
Cell Minutes(const std::optional<double>& seconds) {
  return seconds ? Cell(MinutesText(*seconds)) : std::nullopt;
}
Cell Share(const std::optional<double>& share) {
  return share ? Cell(ShareText(*share)) : std::nullopt;
}
Cell Delay(const PolicyReport& policy, double DelayFigures::*figure) {
  if (!HasDelays(policy)) return std::nullopt;
  return DurationText(policy.traffic->delay.*figure / 1e6);
}

bool HasClientScan(const PolicyReport& p) {
  return p.released_keys[Cause::kClientScan] > 0 || p.work_seconds[Cause::kClientScan] > 0;
}

Cell ScanTime(const PolicyReport& p) {
  if (!p.scan) return std::nullopt;
  std::string text;
  if (p.scan->ended > 0) {
    text = DurationText(static_cast<double>(p.scan->duration_ms) / 1000 /
                        static_cast<double>(p.scan->ended));
  }
  if (p.scan->failed > 0) {
    text += (text.empty() ? "" : ", ") + CountText(static_cast<double>(p.scan->failed)) + " failed";
  }
  return text.empty() ? Cell() : text;
}

// The duration of its scan if it has one, otherwise the time until all was released.
Cell Taken(const PolicyReport& p) {
  if (const std::optional<double> seconds = SecondsTaken(p)) return MinutesText(*seconds);
  return p.scan && p.scan->scans > 0 && p.scan->failed == p.scan->scans ? Cell("failed")
                                                                        : std::nullopt;
}

struct Column {
  std::string_view title;
  Measures answers;  // the measures that the column answers
  Cell (*text)(const PolicyReport&);
  // Shares of all expired keys mean little while traffic makes keys until the end.
  bool without_traffic = false;
};

using enum Measure;

// In display order; columns that answer the question come first.
const Column kColumns[] = {
    {"time", Of({kPublished}),
     [](const PolicyReport& p) { return p.published ? Taken(p) : Cell(); }},
    {"published", Of({kPublished}),
     [](const PolicyReport& p) { return p.published ? Minutes(p.published->seconds) : Cell(); }},
    {"CPU, reclaiming", Of({kPublished}),
     [](const PolicyReport& p) { return Share(p.cpu_share.while_reclaiming); }},
    {"published CPU", Of({kPublished}),
     [](const PolicyReport& p) { return p.published ? Share(p.published->cpu_share) : Cell(); }},
    {"release delay", Of({kDelay}),
     [](const PolicyReport& p) { return Time(p.mean_delay_seconds); }},
    {"released by SCAN", Of({kClientScan}),
     [](const PolicyReport& p) {
       if (!HasClientScan(p)) return Cell();
       return Cell(CountText(static_cast<double>(p.released_keys[Cause::kClientScan])));
     }},
    {"of expired", Of({kClientScan}),
     [](const PolicyReport& p) {
       if (!HasClientScan(p) || p.expired == 0) return Cell();
       return Cell(ShareText(static_cast<double>(p.released_keys[Cause::kClientScan]) /
                             static_cast<double>(p.expired)));
     }},
    {"SCAN's CPU time", Of({kClientScan}),
     [](const PolicyReport& p) {
       if (!HasClientScan(p)) return Cell();
       return Cell(DurationText(p.work_seconds[Cause::kClientScan]));
     }},
    {"stale, mean", Of({kStaleMemory}),
     [](const PolicyReport& p) { return Cell(BytesText(p.stale_bytes.mean)); }},
    {"stale, peak", Of({kStaleMemory, kGoal}),
     [](const PolicyReport& p) { return Cell(BytesText(p.stale_bytes.peak)); }},
    {"reclaim CPU", Of({kStaleMemory, kDelay, kGoal}),
     [](const PolicyReport& p) { return Share(p.cpu_share.reclamation); }},
    {"misses", Of({kClients}),
     [](const PolicyReport& p) {
       return p.traffic ? Share(MissShare(p.traffic->counts)) : Cell();
     }},
    {"delay p50", Of({kClients}),
     [](const PolicyReport& p) { return Delay(p, &DelayFigures::p50_us); }},
    {"delay p99", Of({kClients}),
     [](const PolicyReport& p) { return Delay(p, &DelayFigures::p99_us); }},
    {"delay p99.9", Of({kClients}),
     [](const PolicyReport& p) { return Delay(p, &DelayFigures::p999_us); }},
    {"longest delay", Of({kClients}),
     [](const PolicyReport& p) { return Delay(p, &DelayFigures::longest_us); }},
    {"50 % done", Of({kReleaseTime}),
     [](const PolicyReport& p) { return Time(p.release_seconds.p50); },
     /*without_traffic=*/true},
    {"99 % done", Of({kReleaseTime}),
     [](const PolicyReport& p) { return Time(p.release_seconds.p99); },
     /*without_traffic=*/true},
    {"100 % done", Of({kReleaseTime}),
     [](const PolicyReport& p) { return Time(p.release_seconds.p100); },
     /*without_traffic=*/true},
    {"CPU time", Of({kReleaseTime}),
     [](const PolicyReport& p) { return Time(ReclamationSeconds(p)); }},
    {"CPU, peak", Of({kGoal, kReleaseTime}),
     [](const PolicyReport& p) { return Share(p.cpu_share.peak); }},
    {"looked at / released", 0,
     [](const PolicyReport& p) {
       if (p.released() == 0 || p.looked_at == 0) return Cell();
       return Cell(CountText(static_cast<double>(p.looked_at) / static_cast<double>(p.released())));
     }},
    {"a scan takes", 0, ScanTime},
};

bool Applies(const Column& column, const Report& report) {
  return !column.without_traffic || report.traffic.empty() || report.measure == kReleaseTime;
}

TableColumn Fill(const Report& report, const Column& column) {
  TableColumn filled{.title = std::string(column.title),
                     .cells = {},
                     .answers = (column.answers & Of({report.measure})) != 0};
  for (const PolicyReport& policy : report.policies) {
    const Cell cell = IsJudged(policy) ? column.text(policy) : std::nullopt;
    filled.cells.push_back(cell.value_or(kNoFigure));
  }
  return filled;
}

// "met", or the limits that a policy breaks.
TableColumn GoalColumn(const Report& report) {
  TableColumn column{.title = "goal", .cells = {}, .answers = true};
  for (const PolicyReport& policy : report.policies) {
    if (!IsJudged(policy) || !policy.goal) {
      column.cells.emplace_back(kNoFigure);
    } else if (policy.goal->met) {
      column.cells.emplace_back("met");
    } else {
      column.cells.push_back("missed: " + BrokenLimits(*report.goal, policy));
    }
  }
  return column;
}

bool IsEmpty(const TableColumn& column) {
  return std::all_of(column.cells.begin(), column.cells.end(),
                     [](const std::string& cell) { return cell == kNoFigure; });
}

bool IsSame(const Report& report, const TableColumn& column) {
  std::vector<std::string> cells;
  for (size_t i = 0; i < report.policies.size(); ++i) {
    if (IsJudged(report.policies[i])) cells.push_back(column.cells[i]);
  }
  return cells.size() > 1 && std::count(cells.begin(), cells.end(), cells.front()) ==
                                 static_cast<std::ptrdiff_t>(cells.size());
}

}  // namespace

std::vector<TableColumn> TableOf(const Report& report) {
  std::vector<TableColumn> table = {{.title = "policy", .cells = {}, .answers = true}};
  TableColumn state{.title = "state", .cells = {}, .answers = true};
  bool all_completed = true;
  for (const PolicyReport& policy : report.policies) {
    table.front().cells.push_back(policy.label);
    state.cells.push_back(StateText(policy));
    all_completed = all_completed && IsJudged(policy);
  }
  if (!all_completed) table.push_back(state);
  if (report.goal) {
    if (TableColumn goal = GoalColumn(report); !IsEmpty(goal)) table.push_back(std::move(goal));
  }
  for (const bool answers : {true, false}) {
    for (const Column& column : kColumns) {
      if (!Applies(column, report)) continue;
      TableColumn filled = Fill(report, column);
      if (filled.answers != answers || IsEmpty(filled)) continue;
      filled.same = IsSame(report, filled);
      table.push_back(std::move(filled));
    }
  }
  return table;
}

}  // namespace dcs::simulate
