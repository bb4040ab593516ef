#include "scanner/scan_service.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scanner/event_queue.h"
#include "scanner/keyspace_target.h"
#include "tests/scanner/counting_target.h"

namespace dcs::scanner {
namespace {

constexpr store::TimeMs kStart = 1'700'000'000'000;

class ScanServiceTest : public ::testing::Test {
 protected:
  std::unique_ptr<ScanService> NewService(ScanServiceOptions options = {}) {
    return std::make_unique<ScanService>(
        events_, [this] { return OneTarget(std::make_unique<CountingTarget>(keys_)); },
        [this] { return "scan-" + std::to_string(++last_id_); }, options);
  }
  static std::vector<std::string> Ids(const HistoryPage& page) {
    std::vector<std::string> ids;
    for (const ScanTask& task : page.records) ids.push_back(task.id);
    return ids;
  }
  using IdList = std::vector<std::string>;

  store::VirtualClock clock_{kStart};
  EventQueue events_{clock_};
  size_t keys_ = 10'000;
  int last_id_ = 0;
};

TEST_F(ScanServiceTest, Create_ListsTheScanAsWaiting) {
  const auto scans = NewService();
  const ScanTask task = scans->Create(ScanType::kManual);
  EXPECT_EQ(task.id, "scan-1");
  EXPECT_EQ(task.status, ScanStatus::kWaiting);
  EXPECT_EQ(task.created_at, kStart);
  EXPECT_FALSE(task.started_at.has_value());
  const HistoryPage page = scans->Histories({});
  ASSERT_EQ(page.records.size(), 1u);
  EXPECT_EQ(page.records[0].status, ScanStatus::kWaiting);
  EXPECT_EQ(scans->Find("scan-1")->status, ScanStatus::kWaiting);
  EXPECT_EQ(scans->Find("scan-2"), std::nullopt);
}

TEST_F(ScanServiceTest, ScanRunsAndReportsCounts) {
  const auto scans = NewService();
  scans->Create(ScanType::kAuto);
  events_.Advance(0);
  ScanTask task = *scans->Find("scan-1");
  EXPECT_EQ(task.status, ScanStatus::kRunning);
  EXPECT_EQ(task.started_at, kStart);
  EXPECT_EQ(task.keys_at_start, 10'000u);
  EXPECT_EQ(task.visited, 0u);
  events_.Advance(250);
  task = *scans->Find("scan-1");
  EXPECT_EQ(task.status, ScanStatus::kRunning);
  EXPECT_EQ(task.visited, 5'000u);
  EXPECT_EQ(task.released, 500u);
  EXPECT_EQ(task.steps, 50u);
  events_.Advance(250);
  task = *scans->Find("scan-1");
  EXPECT_EQ(task.status, ScanStatus::kSuccess);
  EXPECT_EQ(task.type, ScanType::kAuto);
  EXPECT_EQ(task.finished_at, kStart + 500);
  EXPECT_EQ(task.visited, 10'000u);
  EXPECT_EQ(task.released, 1'000u);
  EXPECT_EQ(task.released_bytes, 50'000u);
  EXPECT_EQ(task.steps, 100u);
  EXPECT_EQ(task.failure, "");
  EXPECT_EQ(events_.NextEvent(), std::nullopt) << "nothing is left to do";
}

TEST_F(ScanServiceTest, RealKeyspace_ScanTakesTheTimeOfItsPace) {
  constexpr size_t kKeys = 50'000;
  store::Keyspace keyspace({.shards = 16, .seed = 1, .epoch = kStart, .lazy_free_thread = false});
  for (size_t i = 0; i < kKeys; ++i) {
    const store::TimeMs deadline = i % 3 == 0 ? store::kNoDeadline : kStart + 1;
    ASSERT_TRUE(keyspace.Set("key:" + std::to_string(i), "value", deadline, kStart).ok());
  }
  events_.Advance(2);
  const size_t expired = keyspace.TakeCensus(clock_.Now()).expired_keys;
  ScanService scans(
      events_, [&] { return OneTarget(std::make_unique<KeyspaceTarget>(keyspace, clock_)); },
      [] { return std::string("id"); }, {});
  scans.Create(ScanType::kManual);
  events_.Advance(60'000);
  const ScanTask task = *scans.Find("id");
  EXPECT_EQ(task.status, ScanStatus::kSuccess);
  EXPECT_EQ(task.visited, kKeys);
  EXPECT_EQ(task.released, expired);
  EXPECT_EQ(expired, keyspace.Counters().released_by_sweep);
  const double taken = static_cast<double>(*task.finished_at - *task.started_at);
  EXPECT_NEAR(taken, kKeys / 100 * 5, kKeys / 100 * 5 * 0.01);
}

TEST_F(ScanServiceTest, PaceAndTimeoutAreConfigurable) {
  const auto scans = NewService({.manual = {.step_interval_ms = 20, .keys_per_step = 1'000}});
  scans->Create(ScanType::kManual);
  scans->Create(ScanType::kAuto, {.step_interval_ms = 1, .keys_per_step = 10'000});
  events_.Advance(1'000);
  EXPECT_EQ(*scans->Find("scan-1")->finished_at - *scans->Find("scan-1")->started_at, 200);
  EXPECT_EQ(*scans->Find("scan-2")->finished_at - *scans->Find("scan-2")->started_at, 1);
}

TEST_F(ScanServiceTest, Timeout_FailsTheScanAndKeepsItsCounts) {
  const auto scans = NewService({.manual = {.timeout_ms = 100}});
  scans->Create(ScanType::kManual);
  scans->Create(ScanType::kManual);
  events_.Advance(150);
  const ScanTask task = *scans->Find("scan-1");
  EXPECT_EQ(task.status, ScanStatus::kFailed);
  EXPECT_EQ(task.finished_at, kStart + 100);
  EXPECT_EQ(task.released, 190u) << "19 steps before the timeout";
  EXPECT_NE(task.failure.find("timeout"), std::string::npos);
  EXPECT_EQ(scans->Find("scan-2")->status, ScanStatus::kRunning) << "the next one starts";
}

TEST_F(ScanServiceTest, DefaultTimeoutIsSixHours) {
  keys_ = size_t{1} << 60;
  const auto scans = NewService();
  scans->Create(ScanType::kManual, {.step_interval_ms = 60'000});
  events_.Advance(360 * 60'000 - 1);
  EXPECT_EQ(scans->Find("scan-1")->status, ScanStatus::kRunning);
  events_.Advance(1);
  EXPECT_EQ(scans->Find("scan-1")->status, ScanStatus::kFailed);
}

TEST_F(ScanServiceTest, ScansRunOneAtATimeInOrderOfCreation) {
  const auto scans = NewService();
  for (int i = 0; i < 3; ++i) scans->Create(ScanType::kManual);
  events_.Advance(250);
  EXPECT_EQ(scans->Find("scan-1")->status, ScanStatus::kRunning);
  EXPECT_EQ(scans->Find("scan-2")->status, ScanStatus::kWaiting);
  EXPECT_EQ(scans->Find("scan-3")->status, ScanStatus::kWaiting);
  events_.Advance(250);
  EXPECT_EQ(scans->Find("scan-1")->status, ScanStatus::kSuccess);
  EXPECT_EQ(scans->Find("scan-2")->status, ScanStatus::kRunning);
  EXPECT_EQ(scans->Find("scan-2")->started_at, kStart + 500);
  events_.Advance(1'000);
  EXPECT_EQ(scans->Find("scan-3")->status, ScanStatus::kSuccess);
  EXPECT_EQ(scans->Find("scan-3")->finished_at, kStart + 1'500);
}

TEST_F(ScanServiceTest, Histories_PageNewestFirstAndCountAll) {
  const auto scans = NewService();
  for (int i = 0; i < 3; ++i) {
    scans->Create(ScanType::kManual);
    events_.Advance(500);
  }
  scans->Create(ScanType::kManual);
  events_.Advance(100);
  scans->Create(ScanType::kManual);
  const HistoryPage all = scans->Histories({});
  EXPECT_EQ(Ids(all), (IdList{"scan-5", "scan-4", "scan-3", "scan-2", "scan-1"}));
  EXPECT_EQ(all.scans, 5u);
  EXPECT_EQ(all.expired_keys, 3'200u);
  const HistoryPage page = scans->Histories({.offset = 1, .limit = 2});
  EXPECT_EQ(Ids(page), (IdList{"scan-4", "scan-3"}));
  EXPECT_EQ(page.scans, 5u);
  EXPECT_EQ(page.expired_keys, 3'200u);
  const HistoryPage past = scans->Histories({.offset = 5, .limit = 10});
  EXPECT_TRUE(past.records.empty());
  EXPECT_EQ(past.scans, 5u);
  EXPECT_TRUE(scans->Histories({.offset = SIZE_MAX, .limit = SIZE_MAX}).records.empty());
}

TEST_F(ScanServiceTest, Histories_FilterByStatus) {
  const auto scans = NewService({.manual = {.timeout_ms = 500}});
  scans->Create(ScanType::kManual, {});
  events_.Advance(500);
  scans->Create(ScanType::kManual, {.timeout_ms = 50});
  events_.Advance(50);
  scans->Create(ScanType::kManual, {});
  events_.Advance(0);
  scans->Create(ScanType::kManual, {});
  const std::map<ScanStatus, std::string> expected = {{ScanStatus::kSuccess, "scan-1"},
                                                      {ScanStatus::kFailed, "scan-2"},
                                                      {ScanStatus::kRunning, "scan-3"},
                                                      {ScanStatus::kWaiting, "scan-4"}};
  for (const auto& [status, id] : expected) {
    const HistoryPage page = scans->Histories({.status = status});
    EXPECT_EQ(Ids(page), IdList{id});
    EXPECT_EQ(page.scans, 1u);
  }
  EXPECT_EQ(scans->Histories({.status = ScanStatus::kSuccess}).expired_keys, 1'000u);
  EXPECT_TRUE(scans->Histories({.offset = 1, .status = ScanStatus::kFailed}).records.empty());
}

TEST_F(ScanServiceTest, Histories_DropTheOldestBeyondTheLimit) {
  const auto scans = NewService({.history_limit = 3});
  for (int i = 0; i < 5; ++i) {
    scans->Create(ScanType::kManual);
    events_.Advance(500);
  }
  scans->Create(ScanType::kManual);
  EXPECT_EQ(Ids(scans->Histories({})), (IdList{"scan-6", "scan-5", "scan-4", "scan-3"}));
  EXPECT_EQ(scans->Find("scan-2"), std::nullopt);
}

TEST_F(ScanServiceTest, FailAll_FailsRunningAndWaitingScansOnly) {
  const auto scans = NewService();
  for (int i = 0; i < 3; ++i) scans->Create(ScanType::kManual);
  events_.Advance(100);
  scans->FailAll("the instance is being restarted");
  for (const char* id : {"scan-1", "scan-2", "scan-3"}) {
    const ScanTask task = *scans->Find(id);
    EXPECT_EQ(task.status, ScanStatus::kFailed);
    EXPECT_EQ(task.finished_at, kStart + 100);
    EXPECT_EQ(task.failure, "the instance is being restarted");
  }
  EXPECT_EQ(scans->Find("scan-1")->released, 200u) << "released keys stay released";
  EXPECT_EQ(Ids(scans->Histories({})), (IdList{"scan-3", "scan-2", "scan-1"}));
  scans->Create(ScanType::kManual);
  events_.Advance(500);
  EXPECT_EQ(scans->Find("scan-4")->status, ScanStatus::kSuccess);
}

TEST_F(ScanServiceTest, FailAllBeforeStart_LaterScanRuns) {
  const auto scans = NewService();
  scans->Create(ScanType::kManual);
  scans->FailAll("too early");
  scans->Create(ScanType::kManual);
  events_.Advance(500);
  EXPECT_EQ(scans->Find("scan-1")->status, ScanStatus::kFailed);
  EXPECT_EQ(scans->Find("scan-2")->status, ScanStatus::kSuccess);
}

TEST_F(ScanServiceTest, Suspend_FailsRunningScanAndKeepsWaitingScans) {
  const auto scans = NewService();
  for (int i = 0; i < 2; ++i) scans->Create(ScanType::kManual);
  events_.Advance(100);
  scans->Suspend("the instance is being restarted");
  EXPECT_EQ(scans->Find("scan-1")->status, ScanStatus::kFailed);
  EXPECT_EQ(scans->Find("scan-1")->failure, "the instance is being restarted");
  EXPECT_EQ(scans->Find("scan-1")->released, 200u) << "released keys stay released";
  scans->Create(ScanType::kManual);
  events_.Advance(60'000);
  EXPECT_EQ(scans->Find("scan-2")->status, ScanStatus::kWaiting);
  EXPECT_EQ(scans->Find("scan-3")->status, ScanStatus::kWaiting);
  EXPECT_FALSE(scans->idle());
  scans->Resume();
  events_.Advance(1'000);
  EXPECT_EQ(scans->Find("scan-2")->status, ScanStatus::kSuccess);
  EXPECT_EQ(scans->Find("scan-3")->status, ScanStatus::kSuccess);
  EXPECT_EQ(scans->Find("scan-2")->started_at, kStart + 60'100);
}

TEST_F(ScanServiceTest, SuspendBeforeStart_ScanWaits) {
  const auto scans = NewService();
  scans->Create(ScanType::kManual);
  scans->Suspend("restarting");
  events_.Advance(10);
  EXPECT_EQ(scans->Find("scan-1")->status, ScanStatus::kWaiting);
  scans->Resume();
  events_.Advance(500);
  EXPECT_EQ(scans->Find("scan-1")->status, ScanStatus::kSuccess);
}

TEST_F(ScanServiceTest, TooManyWaitingScans_NewScanFails) {
  const auto scans = NewService({.waiting_limit = 2});
  scans->Create(ScanType::kManual);
  events_.Advance(0);  // it runs, so it does not count
  scans->Create(ScanType::kManual);
  EXPECT_FALSE(scans->full());
  scans->Create(ScanType::kManual);
  EXPECT_TRUE(scans->full());
  const ScanTask refused = scans->Create(ScanType::kManual);
  EXPECT_EQ(refused.status, ScanStatus::kFailed);
  EXPECT_EQ(refused.failure, "too many scans wait");
  events_.Advance(500);
  EXPECT_FALSE(scans->full());
}

TEST_F(ScanServiceTest, IdleListeners_AreCalledWhenIdle) {
  const auto scans = NewService();
  int told = 0;
  scans->idle_listeners().Add([&] {
    EXPECT_TRUE(scans->idle());
    ++told;
  });
  EXPECT_TRUE(scans->idle());
  scans->Create(ScanType::kManual);
  scans->Create(ScanType::kManual);
  EXPECT_FALSE(scans->idle());
  events_.Advance(999);
  EXPECT_EQ(told, 0) << "the second one runs";
  events_.Advance(1);
  EXPECT_EQ(told, 1);
  scans->Suspend("restarting");
  EXPECT_FALSE(scans->idle());
  EXPECT_EQ(told, 1);
  scans->Resume();
  EXPECT_EQ(told, 2);
  scans->Stop("end");
  EXPECT_FALSE(scans->idle());
  EXPECT_EQ(told, 2);
}

TEST_F(ScanServiceTest, Create_AfterStop_ReturnsFailedScan) {
  const auto scans = NewService();
  scans->Create(ScanType::kManual);
  events_.Advance(10);
  scans->Create(ScanType::kManual);
  scans->Stop("the server is shutting down");
  EXPECT_EQ(scans->Find("scan-1")->failure, "the server is shutting down");
  EXPECT_EQ(scans->Find("scan-2")->status, ScanStatus::kFailed);
  const ScanTask late = scans->Create(ScanType::kManual);
  EXPECT_EQ(late.status, ScanStatus::kFailed);
  EXPECT_FALSE(late.failure.empty());
  EXPECT_EQ(scans->Find("scan-3")->status, ScanStatus::kFailed);
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
  scans->Stop("twice");
  EXPECT_EQ(scans->Histories({}).scans, 3u);
}

TEST_F(ScanServiceTest, Destruction_LeavesNoEvent) {
  {
    const auto scans = NewService();
    scans->Create(ScanType::kManual);
    scans->Create(ScanType::kManual);
    events_.Advance(20);
  }
  EXPECT_EQ(events_.Advance(1'000), 0u);
  {
    const auto scans = NewService();
    scans->Create(ScanType::kManual);
  }
  EXPECT_EQ(events_.Advance(1'000), 0u);
}

TEST_F(ScanServiceTest, ChangeListeners_AreCalledAtEveryStage) {
  const auto scans = NewService();
  std::vector<ScanStatus> seen;
  scans->change_listeners().Add(
      [&] { seen.push_back(scans->Histories({.limit = 1}).records.at(0).status); });
  scans->Create(ScanType::kManual);
  events_.Advance(1'000);
  EXPECT_EQ(seen, (std::vector{ScanStatus::kWaiting, ScanStatus::kRunning, ScanStatus::kSuccess}));
  scans->Create(ScanType::kManual);
  scans->FailAll("why");
  EXPECT_EQ(seen.back(), ScanStatus::kFailed);
}

TEST_F(ScanServiceTest, Restore_KeepsOldScansAfterNewOnesWithinTheLimit) {
  std::vector<ScanTask> before(3);
  for (int i = 0; i < 3; ++i) {
    before[static_cast<size_t>(i)].id = "old-" + std::to_string(i);
    before[static_cast<size_t>(i)].status = ScanStatus::kSuccess;
  }
  const auto scans = NewService({.history_limit = 2});
  scans->Restore(before);
  EXPECT_EQ(Ids(scans->Histories({})), (IdList{"old-0", "old-1"}));
  scans->Create(ScanType::kManual);
  events_.Advance(1'000);
  EXPECT_EQ(Ids(scans->Histories({})), (IdList{"scan-1", "old-0"}));
}

}  // namespace
}  // namespace dcs::scanner
