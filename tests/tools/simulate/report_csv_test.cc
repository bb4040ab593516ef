#include "tools/simulate/report_csv.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "tools/simulate/report_json.h"
#include "tools/simulate/scenario_json.h"
#include "tools/simulate/simulation.h"

namespace dcs::simulate {
namespace {

constexpr std::string_view kScenario = R"({
  "name": "small", "duration_s": 30, "samples": {"count": 20},
  "load": [{"name": "k", "keys": 2000, "expires_in_s": {"uniform": [1, 10]}}],
  "traffic": [{"name": "readers", "keys_of": "k", "commands_per_second": 50, "fill_after_s": 0.5}],
  "goal": {"cpu_share_at_most": 0.5},
  "policies": [{"name": "access", "label": "=on access, \"only\""},
               {"name": "scan", "label": "scan", "manual_scan": {},
                "published": {"seconds": 2.5}},
               {"name": "sweep", "fast_sweep": {}}]})";

Report Play(int threads, bool stopped = false) {
  const std::atomic<bool> stop{stopped};
  const absl::StatusOr<Scenario> scenario = ParseScenario(kScenario, {});
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  absl::StatusOr<Report> report = Simulate(*scenario, {.threads = threads, .stop = &stop});
  EXPECT_TRUE(report.ok()) << report.status();
  return *std::move(report);
}

// Parses rows of cells and resolves quotes.
std::vector<std::vector<std::string>> Parse(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row(1);
  bool quoted = false;
  for (size_t i = 0; i < csv.size(); ++i) {
    if (quoted) {
      if (csv[i] != '"') {
        row.back() += csv[i];
      } else if (i + 1 < csv.size() && csv[i + 1] == '"') {
        row.back() += csv[++i];
      } else {
        quoted = false;
      }
    } else if (csv[i] == '"') {
      quoted = true;
    } else if (csv[i] == ',') {
      row.emplace_back();
    } else if (csv[i] == '\n') {
      rows.push_back(std::move(row));
      row.assign(1, "");
    } else if (csv[i] != '\r') {
      row.back() += csv[i];
    }
  }
  return rows;
}

// The cells of a policy's row by column name.
std::map<std::string, std::string> RowOf(const std::string& csv, size_t policy) {
  const auto rows = Parse(csv);
  std::map<std::string, std::string> cells;
  for (size_t i = 0; i < rows[0].size(); ++i) cells[rows[0][i]] = rows[policy + 1].at(i);
  return cells;
}

TEST(ReportCsvTest, HasOneRowPerPolicyAndUnitsInColumnNames) {
  const Report report = Play(1);
  const std::string csv = PoliciesCsv(report);
  const auto rows = Parse(csv);
  ASSERT_EQ(rows.size(), 4u);
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  auto access = RowOf(csv, 0), scan = RowOf(csv, 1);
  EXPECT_EQ(access["label"], "'=on access, \"only\"");
  EXPECT_EQ(access["state"], "completed");
  EXPECT_EQ(access["scans_started"], "");
  EXPECT_EQ(access["published_seconds"], "");
  EXPECT_EQ(scan["published_seconds"], "2.5");
  EXPECT_EQ(scan["scans_started"], "1");
  EXPECT_EQ(scan["released_keys"], std::to_string(report.policies[1].released()));
  EXPECT_EQ(scan["reads"], std::to_string(report.policies[1].traffic->counts.reads));
  EXPECT_NE(scan["stale_bytes_peak"], "");
  EXPECT_EQ(scan["goal"], report.policies[1].goal->met ? "met" : "missed");
}

TEST(ReportCsvTest, PolicyThatDidNotRun_HasEmptyCells) {
  Report report = Play(1);
  PolicyReport never;
  never.name = "never";
  never.label = "never";
  report.policies.push_back(never);
  auto row = RowOf(PoliciesCsv(report), 3);
  EXPECT_EQ(row["state"], "not run");
  for (const auto& [column, cell] : row) {
    if (column == "policy" || column == "label" || column == "state") continue;
    EXPECT_EQ(cell, "") << column;
  }
}

TEST(ReportCsvTest, Timeline_HasOneRowPerSample) {
  const Report report = Play(1);
  const auto rows = Parse(TimelineCsv(report));
  size_t samples = 0;
  for (const PolicyReport& policy : report.policies) samples += policy.timeline.t_ms.size();
  ASSERT_EQ(rows.size(), samples + 1);
  EXPECT_EQ(rows[0][1], "t_seconds");
  EXPECT_EQ(rows[1][0], "access");
  EXPECT_EQ(rows[1][1], "0.000");
  EXPECT_EQ(rows[1][2], std::to_string(report.policies[0].timeline.keys[0]));
  EXPECT_EQ(rows.back()[0], "sweep");
  EXPECT_EQ(rows.back()[1], "30.000");
}

TEST(ReportCsvTest, SameSeed_SameBytesWithAnyThreads) {
  const Report one = Play(1), two = Play(2);
  EXPECT_EQ(PoliciesCsv(one), PoliciesCsv(two));
  EXPECT_EQ(TimelineCsv(one), TimelineCsv(two));
  const auto json = [](const Report& report) {
    nlohmann::ordered_json all = ToJson(report);
    EXPECT_EQ(all.items().begin().key(), "scenario");
    all.erase("measured");  // real times
    return all.dump(1);
  };
  EXPECT_EQ(json(one), json(two));
}

}  // namespace
}  // namespace dcs::simulate
