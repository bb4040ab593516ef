#include "api/rest/scan_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace dcs::rest {
namespace {

constexpr std::string_view kInstance = "5560df16-cebf-4473-95c4-d1b573c16e79";

scanner::ScanTask Waiting() {
  scanner::ScanTask task;
  task.id = "aa735b6f-3d70-44e3-9771-66c6fae7459a";
  task.created_at = 1'592'187'678'669;
  return task;
}

scanner::ScanTask Running() {
  scanner::ScanTask task = Waiting();
  task.status = scanner::ScanStatus::kRunning;
  task.started_at = task.created_at + 331;
  task.released = 5;
  return task;
}

scanner::ScanTask Failed() {
  scanner::ScanTask task = Running();
  task.status = scanner::ScanStatus::kFailed;
  task.type = scanner::ScanType::kAuto;
  task.finished_at = *task.started_at + 60'000;
  task.steps = 3;
  task.visited = 300;
  task.keys_at_start = 900;
  task.released_bytes = 640;
  task.failure = "the scan's timeout has passed";
  return task;
}

TEST(ScanTaskJson, EqualsTheDocumentsExample) {
  EXPECT_EQ(Serialize(ScanTaskJson(kInstance, Waiting())),
            R"({"id":"aa735b6f-3d70-44e3-9771-66c6fae7459a",)"
            R"("instance_id":"5560df16-cebf-4473-95c4-d1b573c16e79","status":"waiting",)"
            R"("scan_type":"manual","created_at":"2020-06-15T02:21:18.669Z"})");
}

TEST(ScanTaskJson, ShowsStartAndEndWhenSet) {
  EXPECT_EQ(Serialize(ScanTaskJson(kInstance, Running())),
            R"({"id":"aa735b6f-3d70-44e3-9771-66c6fae7459a",)"
            R"("instance_id":"5560df16-cebf-4473-95c4-d1b573c16e79","status":"running",)"
            R"("scan_type":"manual","created_at":"2020-06-15T02:21:18.669Z",)"
            R"("started_at":"2020-06-15T02:21:19.000Z"})");
  EXPECT_EQ(Serialize(ScanTaskJson(kInstance, Failed())),
            R"({"id":"aa735b6f-3d70-44e3-9771-66c6fae7459a",)"
            R"("instance_id":"5560df16-cebf-4473-95c4-d1b573c16e79","status":"failed",)"
            R"("scan_type":"auto","created_at":"2020-06-15T02:21:18.669Z",)"
            R"("started_at":"2020-06-15T02:21:19.000Z","finished_at":"2020-06-15T02:22:19.000Z"})");
}

TEST(HistoriesJson, RecordsHaveCounts) {
  scanner::HistoryPage page;
  page.records = {Failed()};
  page.scans = 7;
  page.expired_keys = 12;
  EXPECT_EQ(
      Serialize(HistoriesJson(kInstance, page)),
      R"({"instance_id":"5560df16-cebf-4473-95c4-d1b573c16e79","total":12,"count":7,)"
      R"("records":[{"id":"aa735b6f-3d70-44e3-9771-66c6fae7459a",)"
      R"("instance_id":"5560df16-cebf-4473-95c4-d1b573c16e79","status":"failed",)"
      R"("scan_type":"auto","num":5,"created_at":"2020-06-15T02:21:18.669Z",)"
      R"("started_at":"2020-06-15T02:21:19.000Z","finished_at":"2020-06-15T02:22:19.000Z"}]})");
}

TEST(HistoriesJson, NoRecords_IsAnEmptyArray) {
  EXPECT_EQ(Serialize(HistoriesJson(kInstance, {})),
            R"({"instance_id":"5560df16-cebf-4473-95c4-d1b573c16e79","total":0,"count":0,)"
            R"("records":[]})");
}

TEST(ScanProgressJson, ReportsProgressAndFailure) {
  EXPECT_EQ(Serialize(ScanProgressJson(Failed())),
            R"({"id":"aa735b6f-3d70-44e3-9771-66c6fae7459a","status":"failed","steps":3,)"
            R"("visited":300,"keys_at_start":900,"released":5,"released_bytes":640,)"
            R"("failure":"the scan's timeout has passed"})");
  EXPECT_FALSE(ScanProgressJson(Running()).contains("failure"));
}

TEST(FastSweepJson, HasKeysAndTimes) {
  const scanner::FastSweepResult swept = {
      .found = {.visited = 900, .released = 5, .released_bytes = 640, .done = true},
      .seconds = 0.5,
      .cpu_seconds = 0.75};
  EXPECT_EQ(
      Serialize(FastSweepJson(swept)),
      R"({"visited":900,"released":5,"released_bytes":640,"seconds":0.5,"cpu_seconds":0.75})");
}

}  // namespace
}  // namespace dcs::rest
