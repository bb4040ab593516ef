#include "api/lifecycle.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tests/api/lifecycle_fixture.h"

namespace dcs::api {
namespace {

// ---- Making one ---------------------------------------------------------------------------------

TEST_F(LifecycleTest, ACreatedInstanceIsCreatingThenRunsOnAPortOfItsOwn) {
  Instance& one = **lifecycle_.Create(Spec("one"));
  Instance& two = **lifecycle_.Create(Spec("two"));
  EXPECT_EQ(registry_.instances().size(), 2u);
  EXPECT_EQ(one.phase, InstancePhase::kCreating);
  EXPECT_EQ(one.spec.created_at, kStart);
  EXPECT_EQ(one.launched_at, std::nullopt);
  events_.Advance(1'999);
  EXPECT_EQ(one.phase, InstancePhase::kCreating);
  EXPECT_TRUE(fronts_.open.empty());
  EXPECT_EQ(one.master().resp_port, 0);
  events_.Advance(1);
  EXPECT_TRUE(one.running());
  EXPECT_EQ(one.launched_at, kStart + 2'000);
  EXPECT_EQ(one.master().resp_port, 20'001);
  EXPECT_EQ(two.master().resp_port, 20'002);
  EXPECT_EQ(fronts_.open.size(), 2u);
}

TEST_F(LifecycleTest, AWishedPortIsTakenWhereItIsFree) {
  InstanceSpec spec = Spec("wishes");
  spec.port = 6379;
  Instance& first = **lifecycle_.Create(spec);
  spec.id = lifecycle_.NewId();
  Instance& second = **lifecycle_.Create(spec);
  events_.Advance(2'000);
  EXPECT_EQ(first.master().resp_port, 6379);
  EXPECT_EQ(second.master().resp_port, 20'001) << "the answer says which";
  EXPECT_TRUE(second.running());
}

TEST_F(LifecycleTest, WhatCannotListenHasFailedToBeCreatedAndCanBeDeleted) {
  fronts_.refuse_all = true;
  Instance& instance = **lifecycle_.Create(Spec("unlucky"));
  events_.Advance(2'000);
  EXPECT_EQ(instance.phase, InstancePhase::kCreateFailed);
  ASSERT_TRUE(Lifecycle::CanDelete(instance));
  lifecycle_.Delete(instance);
  events_.Advance(400);
  EXPECT_TRUE(registry_.instances().empty());
}

TEST_F(LifecycleTest, ThereAreNoMoreInstancesThanMayBe) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(lifecycle_.Create(Spec("x")).ok());
  EXPECT_FALSE(lifecycle_.HasRoomFor(1));
  EXPECT_EQ(lifecycle_.Create(Spec("x")).status().code(), absl::StatusCode::kResourceExhausted);
  InstanceSpec again = Spec("x");
  again.id = registry_.instances()[0]->id();
  EXPECT_EQ(lifecycle_.Create(again).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(LifecycleTest, ALaunchedInstanceRunsAtOnceOrIsNotThere) {
  InstanceSpec spec = Spec("at-once");
  spec.port = 7000;
  EXPECT_TRUE((*lifecycle_.Launch(spec))->running());
  spec.id = lifecycle_.NewId();
  const auto second = lifecycle_.Launch(spec);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(registry_.instances().size(), 1u);
}

TEST_F(LifecycleTest, NodesAreWhatTheSpecSays) {
  InstanceSpec spec = Spec("spec");
  spec.engine_version = "5.0";
  spec.password = "secret";
  spec.capacity_gb = 2;
  Instance& instance = **lifecycle_.Launch(spec);
  EXPECT_EQ(instance.master().engine_version, "5.0.14");
  EXPECT_EQ(instance.master().password, "secret");
  EXPECT_EQ(fronts_.parameters[20'001]["maxmemory"], "2147483648");
}

TEST_F(LifecycleTest, ScansOfAnInstanceThatIsBeingCreatedWaitUntilItRuns) {
  Instance& instance = **lifecycle_.Create(Spec("one"));
  instance.scans->Create(scanner::ScanType::kManual);
  events_.Advance(1'999);
  EXPECT_EQ(Histories(instance).records[0].status, scanner::ScanStatus::kWaiting);
  events_.Advance(10);
  EXPECT_EQ(Histories(instance).records[0].status, scanner::ScanStatus::kSuccess);
}

TEST_F(LifecycleTest, IsPortFree_TakenOrPromised_IsFalse) {
  Instance& instance = Running();
  const uint16_t port = instance.master().resp_port;
  EXPECT_FALSE(lifecycle_.IsPortFree(port));
  EXPECT_TRUE(lifecycle_.IsPortFree(6'379));
  fronts_.taken.insert(6'379);
  EXPECT_FALSE(lifecycle_.IsPortFree(6'379)) << "another process has it";
  InstanceSpec spec = Spec("creating");
  spec.port = 6'380;
  ASSERT_TRUE(lifecycle_.Create(spec).ok());
  EXPECT_FALSE(lifecycle_.IsPortFree(6'380));
  lifecycle_.Restart(instance, RestartKind::kInstance);
  EXPECT_FALSE(lifecycle_.IsPortFree(port)) << "it comes back on its port";
  events_.Advance(3'000);
  lifecycle_.Delete(instance);
  EXPECT_TRUE(lifecycle_.IsPortFree(port));
}

// ---- Flush --------------------------------------------------------------------------------------

TEST_F(LifecycleTest, AFlushRemovesAllKeysAndKeepsTheClients) {
  Instance& instance = Running();
  instance.scans->Create(scanner::ScanType::kManual);
  events_.Advance(1);
  lifecycle_.Flush(instance);
  EXPECT_EQ(instance.phase, InstancePhase::kFlushing);
  EXPECT_EQ(instance.master().keyspace.size(), 0u);
  EXPECT_EQ(fronts_.open.size(), 1u);
  EXPECT_EQ(Histories(instance).records[0].status, scanner::ScanStatus::kFailed);
  events_.Advance(499);
  EXPECT_FALSE(instance.running());
  events_.Advance(1);
  EXPECT_TRUE(instance.running());
}

// ---- The end ------------------------------------------------------------------------------------

TEST_F(LifecycleTest, ADeletedInstanceIsDeletingThenGoneWithItsFrontAndNode) {
  Instance& instance = Running();
  const std::weak_ptr<Node> node = instance.nodes.front();
  instance.auto_scan->Configure({.enabled = true, .first_scan_at = clock_.Now() + 100'000});
  instance.scans->Create(scanner::ScanType::kManual);
  instance.scans->Create(scanner::ScanType::kManual);
  events_.Advance(1);
  lifecycle_.Delete(instance);
  EXPECT_EQ(instance.phase, InstancePhase::kDeleting);
  EXPECT_FALSE(Lifecycle::CanDelete(instance));
  EXPECT_TRUE(fronts_.open.empty());
  EXPECT_EQ(Histories(instance).records[1].status, scanner::ScanStatus::kFailed);
  events_.Advance(400);
  EXPECT_TRUE(registry_.instances().empty());
  EXPECT_TRUE(node.expired());
  EXPECT_EQ(events_.NextEvent(), std::nullopt) << "nothing of it is left";
}

TEST_F(LifecycleTest, WhoUsesANodeKeepsItAliveAfterTheInstance) {
  Instance& instance = Running();
  const std::shared_ptr<Node> node = instance.nodes.front();
  lifecycle_.Delete(instance);
  events_.Advance(400);
  ASSERT_TRUE(registry_.instances().empty());
  EXPECT_EQ(node->keyspace.TakeCensus(clock_.Now()).keys, 0u);
  EXPECT_TRUE(node->keyspace.Set("k", "v", store::kNoDeadline, clock_.Now()).ok());
}

TEST_F(LifecycleTest, ASweepOnAnotherThreadMayOutliveTheInstance) {
  Instance& instance = Running();
  for (int i = 0; i < 10'000; ++i) Set(instance, std::to_string(i), clock_.Now() + i % 7);
  std::atomic<bool> stop{false};
  std::atomic<int> walks{0};
  std::thread sweeper([node = instance.nodes.front(), &stop, &walks] {
    store::SweepCursor cursor;
    while (!stop) {
      if (node->keyspace.Sweep(cursor, 100, node->clock.Now()).done) ++walks;
    }
  });
  while (walks == 0) std::this_thread::yield();
  lifecycle_.Delete(instance);
  events_.Advance(400);
  ASSERT_TRUE(registry_.instances().empty());
  for (const int before = walks; walks < before + 2;) std::this_thread::yield();
  stop = true;
  sweeper.join();
}

TEST_F(LifecycleTest, OnlyWhatStandsStillCanBeDeleted) {
  Instance& creating = **lifecycle_.Create(Spec("creating"));
  EXPECT_FALSE(Lifecycle::CanDelete(creating));
  Instance& instance = Running();
  EXPECT_TRUE(Lifecycle::CanDelete(instance));
  lifecycle_.Flush(instance);
  EXPECT_FALSE(Lifecycle::CanDelete(instance));
  events_.Advance(500);
  lifecycle_.Restart(instance, RestartKind::kInstance);
  EXPECT_FALSE(Lifecycle::CanDelete(instance));
}

TEST_F(LifecycleTest, StopEndsEverythingWhateverIsGoingOn) {
  Instance& creating = **lifecycle_.Create(Spec("creating"));
  Instance& running = Running();
  running.auto_scan->Configure({.enabled = true, .first_scan_at = clock_.Now() + 100'000});
  running.scans->Create(scanner::ScanType::kManual);
  lifecycle_.Stop("the server is shutting down");
  lifecycle_.Stop("twice");
  EXPECT_TRUE(fronts_.open.empty());
  EXPECT_EQ(Histories(running).records[0].failure, "the server is shutting down");
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
  EXPECT_EQ(creating.phase, InstancePhase::kCreating);
}

// ---- Configuration ------------------------------------------------------------------------------

TEST_F(LifecycleTest, ConfigurationReachesTheFrontAndSurvivesARestart) {
  Instance& instance = Running();
  const uint16_t port = instance.master().resp_port;
  ASSERT_TRUE(lifecycle_.Configure(instance, {{"hz", "100"}, {"appendonly", "no"}}).ok());
  EXPECT_EQ(fronts_.parameters[port]["hz"], "100");
  EXPECT_FALSE(fronts_.parameters[port].contains("appendonly"));
  EXPECT_EQ(instance.config.changed_at, clock_.Now());
  lifecycle_.Restart(instance, RestartKind::kInstance);
  events_.Advance(3'000);
  EXPECT_EQ(fronts_.parameters[port]["hz"], "100");
}

class NaturalLifecycleTest : public LifecycleTest {
 protected:
  NaturalLifecycleTest() : LifecycleTest({.natural_deletion = NaturalDeletionKind::kRedis}) {}
};

TEST_F(NaturalLifecycleTest, NaturalDeletionRunsWhileTheInstanceDoesAsItIsTuned) {
  Instance& instance = Running();
  EXPECT_EQ(events_.Advance(1'000), 10u);
  EXPECT_EQ(instance.master().keyspace.size(), 1u);
  instance.master().tuning.hz = 100;
  events_.Advance(100);
  EXPECT_EQ(events_.Advance(1'000), 100u);
  lifecycle_.Delete(instance);
  events_.Advance(60'000);
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
}

TEST_F(LifecycleTest, RemoveAllLeavesNothingButTheNodes) {
  Instance& running = Running();
  running.scans->Create(scanner::ScanType::kManual);
  ASSERT_TRUE(lifecycle_.Create(Spec("created")).ok());
  const auto nodes = lifecycle_.RemoveAll("the simulator was reset");
  EXPECT_EQ(nodes.size(), 2u);
  EXPECT_TRUE(registry_.instances().empty());
  EXPECT_FALSE(events_.NextEvent()) << "nothing is still to come";
  EXPECT_TRUE(lifecycle_.Launch(Spec("again")).ok());
}

// ---- What there is to remember ------------------------------------------------------------------

TEST_F(LifecycleTest, EveryChangeIsToldToWhoListens) {
  int told = 0;
  lifecycle_.change_listeners().Add([&](const Instance&) { ++told; });
  const auto expect_told = [&](const char* what) {
    EXPECT_GT(told, 0) << what;
    told = 0;
  };
  Instance& instance = **lifecycle_.Create(Spec("told"));
  expect_told("created");
  events_.Advance(2'000);
  expect_told("runs");
  ASSERT_TRUE(lifecycle_.Configure(instance, {{"hz", "100"}}).ok());
  expect_told("configured");
  instance.scans->Create(scanner::ScanType::kManual);
  expect_told("a scan");
  instance.auto_scan->Configure({.enabled = true, .first_scan_at = kStart});
  expect_told("automatic scans");
  lifecycle_.Delete(instance);
  expect_told("is being deleted");
  events_.Advance(60'000);
  expect_told("is gone");
}

TEST_F(LifecycleTest, ARestoredInstanceIsFilledBeforeClientsCanConnect) {
  InstanceRecord state;
  state.spec = Spec("back");
  state.spec.created_at = 5;
  state.launched_at = 6;
  state.ports = {7'000};
  const auto restored = lifecycle_.Restore(state, [this](Instance& instance) {
    EXPECT_TRUE(fronts_.open.empty());
    Set(instance, "k", store::kNoDeadline);
    return absl::OkStatus();
  });
  ASSERT_TRUE(restored.ok()) << restored.status();
  Instance& instance = **restored;
  EXPECT_TRUE(instance.running());
  EXPECT_EQ(instance.master().resp_port, 7'000);
  EXPECT_EQ(instance.master().keyspace.size(), 1u);
  EXPECT_EQ(instance.spec.created_at, 5);
  EXPECT_EQ(instance.launched_at, 6);
}

TEST_F(LifecycleTest, WhatCannotBeFilledOrListenIsNotRestored) {
  InstanceRecord state;
  state.spec = Spec("back");
  EXPECT_EQ(lifecycle_.Restore(state, [](Instance&) { return absl::DataLossError("x"); }).status(),
            absl::DataLossError("x"));
  fronts_.refuse_all = true;
  EXPECT_FALSE(lifecycle_.Restore(state, [](Instance&) { return absl::OkStatus(); }).ok());
  EXPECT_TRUE(registry_.instances().empty());
}

}  // namespace
}  // namespace dcs::api
