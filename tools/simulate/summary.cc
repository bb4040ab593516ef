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

struct Column {
  std::string_view title;
  std::string (*text)(const PolicyReport&);
};

constexpr Column kColumns[] = {
    {"policy", [](const PolicyReport& p) { return p.name + (p.completed ? "" : " (partial)"); }},
    {"scan takes",
     [](const PolicyReport& p) {
       if (!p.scan || p.scan->duration_ms == 0) return std::string("-");
       return Time(static_cast<double>(p.scan->duration_ms) / 1000);
     }},
    {"50 % released", [](const PolicyReport& p) { return Time(p.release_seconds.p50); }},
    {"99 %", [](const PolicyReport& p) { return Time(p.release_seconds.p99); }},
    {"100 %", [](const PolicyReport& p) { return Time(p.release_seconds.p100); }},
    {"published",
     [](const PolicyReport& p) { return p.published ? Time(p.published->seconds) : "-"; }},
    {"stale, mean", [](const PolicyReport& p) { return tools::HumanBytes(p.stale_bytes.mean); }},
    {"peak", [](const PolicyReport& p) { return tools::HumanBytes(p.stale_bytes.peak); }},
    {"looked at a key",
     [](const PolicyReport& p) {
       if (p.released() == 0) return std::string("-");
       return Number("%.1f", static_cast<double>(p.looked_at) / static_cast<double>(p.released()));
     }},
    {"CPU, peak", [](const PolicyReport& p) { return Share(p.cpu_share.peak); }},
    {"published CPU",
     [](const PolicyReport& p) {
       return p.published ? Share(p.published->cpu_share) : std::string("-");
     }},
};

std::vector<Row> Table(const Report& report) {
  std::vector<Row> rows(1);
  for (const Column& column : kColumns) rows[0].emplace_back(column.title);
  for (const PolicyReport& policy : report.policies) {
    Row& row = rows.emplace_back();
    for (const Column& column : kColumns) row.push_back(column.text(policy));
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
  text += "\nSeed " + std::to_string(report.seed) + ", " + Number("%g", report.duration_seconds) +
          " virtual seconds.\n";
  for (const std::string& sentence : report.conclusion) text += "\n" + sentence + "\n";
  return text;
}

}  // namespace dcs::simulate
