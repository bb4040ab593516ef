#include "tools/simulate/summary.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string_view>
#include <vector>

#include "tools/terminal.h"

namespace dcs::simulate {
namespace {

using Row = std::vector<std::string>;

std::string Number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

std::string Time(const std::optional<double>& seconds) {
  if (!seconds) return "-";
  return *seconds < 60 ? Number("%.2f s", *seconds) : Number("%.2f min", *seconds / 60);
}

std::string Share(const std::optional<double>& share) {
  return share ? Number("%.1f %%", *share * 100) : "-";
}

std::string Delay(const PolicyReport& policy, double DelayFigures::*figure) {
  if (!policy.traffic) return "-";
  const double us = policy.traffic->delay.*figure;
  return us < 1000 ? Number("%.0f us", us) : Number("%.2f ms", us / 1000);
}

bool Any(const Report& report, auto has) {
  return std::any_of(report.policies.begin(), report.policies.end(), has);
}
bool Always(const Report&) { return true; }
bool WithTraffic(const Report& report) { return !report.traffic.empty(); }
// Where traffic makes keys to the end, shares of all that expired say little.
bool WithoutTraffic(const Report& report) { return report.traffic.empty(); }
bool WithScans(const Report& report) {
  return Any(report, [](const PolicyReport& p) { return p.scan && p.scan->ended > 0; });
}
bool WithPublished(const Report& report) {
  return Any(report, [](const PolicyReport& p) { return p.published.has_value(); });
}
bool WithGoal(const Report& report) { return report.goal.has_value(); }

struct Column {
  std::string_view title;
  bool (*applies)(const Report&);
  std::string (*text)(const PolicyReport&);
};

constexpr Column kColumns[] = {
    {"policy", Always,
     [](const PolicyReport& p) { return p.name + (p.completed ? "" : " (partial)"); }},
    {"a scan takes", WithScans,
     [](const PolicyReport& p) {
       if (!p.scan || p.scan->ended == 0) return std::string("-");
       return Time(static_cast<double>(p.scan->duration_ms) / 1000 /
                   static_cast<double>(p.scan->ended));
     }},
    {"published", WithPublished,
     [](const PolicyReport& p) { return p.published ? Time(p.published->seconds) : "-"; }},
    {"50 % released", WithoutTraffic,
     [](const PolicyReport& p) { return Time(p.release_seconds.p50); }},
    {"90 %", WithoutTraffic, [](const PolicyReport& p) { return Time(p.release_seconds.p90); }},
    {"99 %", WithoutTraffic, [](const PolicyReport& p) { return Time(p.release_seconds.p99); }},
    {"100 %", WithoutTraffic, [](const PolicyReport& p) { return Time(p.release_seconds.p100); }},
    {"stale, mean", Always,
     [](const PolicyReport& p) { return tools::HumanBytes(p.stale_bytes.mean); }},
    {"peak", Always, [](const PolicyReport& p) { return tools::HumanBytes(p.stale_bytes.peak); }},
    {"behind, mean", Always, [](const PolicyReport& p) { return Time(p.mean_delay_seconds); }},
    {"looked at a key", Always,
     [](const PolicyReport& p) {
       if (p.released() == 0) return std::string("-");
       return Number("%.1f", static_cast<double>(p.looked_at) / static_cast<double>(p.released()));
     }},
    {"CPU, peak", Always, [](const PolicyReport& p) { return Share(p.cpu_share.peak); }},
    {"published CPU", WithPublished,
     [](const PolicyReport& p) {
       return p.published ? Share(p.published->cpu_share) : std::string("-");
     }},
    {"delay p50", WithTraffic,
     [](const PolicyReport& p) { return Delay(p, &DelayFigures::p50_us); }},
    {"p99", WithTraffic, [](const PolicyReport& p) { return Delay(p, &DelayFigures::p99_us); }},
    {"p99.9", WithTraffic, [](const PolicyReport& p) { return Delay(p, &DelayFigures::p999_us); }},
    {"goal", WithGoal,
     [](const PolicyReport& p) {
       return std::string(!p.goal ? "-" : p.goal->met ? "met" : "missed");
     }},
};

std::vector<Row> Table(const Report& report) {
  std::vector<Row> rows(1 + report.policies.size());
  for (const Column& column : kColumns) {
    if (!column.applies(report)) continue;
    rows[0].emplace_back(column.title);
    for (size_t i = 0; i < report.policies.size(); ++i) {
      rows[i + 1].push_back(column.text(report.policies[i]));
    }
  }
  return rows;
}

}  // namespace

std::string TerminalSummary(const Report& report) {
  const std::vector<Row> rows = Table(report);
  std::string text = report.title + (report.partial ? " (partial)\n" : "\n");
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      size_t width = 0;
      for (const Row& other : rows) width = std::max(width, other[i].size());
      const std::string padding(width - row[i].size(), ' ');
      text.append("  ").append(i == 0 ? row[i] + padding : padding + row[i]);
    }
    text += '\n';
  }
  for (const std::string& sentence : report.conclusion) text += sentence + "\n";
  return text;
}

std::string ToMarkdown(const Report& report) {
  std::string text = "# " + report.title + "\n\n" + report.description + "\n\n";
  if (report.partial) text += "Partial: the run was stopped.\n\n";
  for (const std::string& sentence : report.conclusion) text += "- " + sentence + "\n";
  if (!report.conclusion.empty()) text += "\n";
  bool head = true;
  for (const Row& row : Table(report)) {
    text += "|";
    for (const std::string& cell : row) text.append(" ").append(cell).append(" |");
    text += "\n";
    if (head) {
      text += "|";
      for (size_t i = 0; i < row.size(); ++i) text += " --- |";
      text += "\n";
    }
    head = false;
  }
  text +=
      "\n| keys | type | number | with a deadline | keys' bytes | values' bytes |\n"
      "| --- | --- | ---: | ---: | ---: | ---: |\n";
  for (const LoadReport& group : report.load) {
    text += "| " + group.name + " | " + group.type + " | " + std::to_string(group.keys) + " | " +
            std::to_string(group.keys_with_deadline) + " | " +
            tools::HumanBytes(static_cast<double>(group.key_bytes)) + " | " +
            tools::HumanBytes(static_cast<double>(group.value_bytes)) + " |\n";
  }
  text += "\nSeed " + std::to_string(report.seed) + ", " + Number("%g", report.duration_seconds) +
          " virtual seconds.\n";
  return text;
}

}  // namespace dcs::simulate
