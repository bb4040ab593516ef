// Restarts of an instance: their time, its port, its keys and its scans.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/api/lifecycle_fixture.h"

namespace dcs::api {
namespace {

// ---- Restart ------------------------------------------------------------------------------------

TEST_F(LifecycleTest, ARestartTakesItsTimeAndKeepsThePort) {
  Instance& instance = Running();
  const uint16_t port = instance.master().resp_port;
  lifecycle_.Restart(instance, RestartKind::kInstance);
  EXPECT_EQ(instance.phase, InstancePhase::kRestarting);
  EXPECT_TRUE(fronts_.open.empty()) << "clients are dropped";
  fronts_.parameters.clear();
  events_.Advance(2'999);
  EXPECT_EQ(instance.phase, InstancePhase::kRestarting);
  events_.Advance(1);
  EXPECT_TRUE(instance.running());
  EXPECT_EQ(fronts_.open, std::set<uint16_t>{port});
  EXPECT_EQ(instance.master().started_at, clock_.Now());
  EXPECT_EQ(fronts_.parameters[port]["maxmemory"], "0");

  lifecycle_.Restart(instance, RestartKind::kProcess);
  events_.Advance(1'000);
  EXPECT_TRUE(instance.running()) << "a soft restart is shorter";
}

TEST_F(LifecycleTest, MasterStandbyKeepsItsKeysOverARestartButNotTheExpiredOnes) {
  Instance& instance = Running(CacheMode::kHa);
  ASSERT_EQ(instance.master().keyspace.size(), 2u);
  lifecycle_.Restart(instance, RestartKind::kInstance);
  events_.Advance(3'000);
  EXPECT_EQ(instance.master().keyspace.size(), 1u);
  EXPECT_TRUE(instance.master().keyspace.Get("lasting", clock_.Now()).has_value());
}

TEST_F(LifecycleTest, ASingleNodeLosesItsKeysAndSoDoesOneWithoutPersistence) {
  Instance& single = Running(CacheMode::kSingle);
  lifecycle_.Restart(single, RestartKind::kInstance);
  events_.Advance(3'000);
  EXPECT_EQ(single.master().keyspace.size(), 0u);

  Instance& ha = Running(CacheMode::kHa);
  ASSERT_TRUE(lifecycle_.Configure(ha, {{"appendonly", "no"}}).ok());
  lifecycle_.Restart(ha, RestartKind::kProcess);
  events_.Advance(1'000);
  EXPECT_EQ(ha.master().keyspace.size(), 0u);
}

TEST_F(LifecycleTest, ARestartFailsTheRunningScanAndLetsOthersWait) {
  Instance& instance = Running();
  instance.scans->Create(scanner::ScanType::kManual);
  instance.scans->Create(scanner::ScanType::kManual);
  events_.Advance(1);
  lifecycle_.Restart(instance, RestartKind::kInstance);
  EXPECT_EQ(Histories(instance).records[1].status, scanner::ScanStatus::kFailed);
  EXPECT_EQ(Histories(instance).records[1].failure, "the instance was restarted");
  events_.Advance(2'000);
  EXPECT_EQ(Histories(instance).records[0].status, scanner::ScanStatus::kWaiting);
  events_.Advance(1'100);
  EXPECT_EQ(Histories(instance).records[0].status, scanner::ScanStatus::kSuccess);
}

TEST_F(LifecycleTest, APortThatIsNotFreeYetIsTriedAgain) {
  Instance& instance = Running();
  const uint16_t port = instance.master().resp_port;
  lifecycle_.Restart(instance, RestartKind::kInstance);
  fronts_.taken.insert(port);
  events_.Advance(3'500);
  EXPECT_EQ(instance.phase, InstancePhase::kRestarting);
  fronts_.taken.clear();
  events_.Advance(100);
  EXPECT_TRUE(instance.running());
  EXPECT_EQ(instance.master().resp_port, port);
}

TEST_F(LifecycleTest, APortThatStaysTakenIsAnErrorThatOnlyDeletionEnds) {
  Instance& instance = Running();
  fronts_.taken.insert(instance.master().resp_port);
  lifecycle_.Restart(instance, RestartKind::kInstance);
  events_.Advance(60'000);
  EXPECT_EQ(instance.phase, InstancePhase::kError);
  ASSERT_TRUE(Lifecycle::CanDelete(instance));
  lifecycle_.Delete(instance);
  events_.Advance(400);
  EXPECT_TRUE(registry_.instances().empty());
}

// A lifecycle under a clock that is moved in leaps, while other processes go on in real time.
class LifecycleRealTimeTest : public LifecycleTest {
 protected:
  LifecycleRealTimeTest() : leaping_(events_, registry_, {.restart_ms = 3'000}, LeapingParts()) {}
  LifecycleParts LeapingParts() {
    LifecycleParts parts = Parts();
    parts.real_time = &real_events_;
    return parts;
  }

  store::VirtualClock real_clock_{kStart};
  scanner::EventQueue real_events_{real_clock_};
  Lifecycle leaping_;
};

TEST_F(LifecycleRealTimeTest, APortIsTriedAgainInRealTime) {
  Instance& instance = **leaping_.Launch(Spec("running"));
  const uint16_t port = instance.master().resp_port;
  fronts_.taken.insert(port);
  leaping_.Restart(instance, RestartKind::kInstance);
  events_.Advance(3'600'000);
  EXPECT_EQ(instance.phase, InstancePhase::kRestarting);
  real_events_.Advance(4'000);
  EXPECT_EQ(instance.phase, InstancePhase::kRestarting);
  fronts_.taken.clear();
  real_events_.Advance(100);
  EXPECT_TRUE(instance.running());
  EXPECT_EQ(instance.master().resp_port, port);
}

TEST_F(LifecycleRealTimeTest, StopEndsTheAttempts) {
  Instance& instance = **leaping_.Launch(Spec("running"));
  fronts_.taken.insert(instance.master().resp_port);
  leaping_.Restart(instance, RestartKind::kInstance);
  events_.Advance(3'000);
  ASSERT_NE(real_events_.NextEvent(), std::nullopt);
  leaping_.Stop("the test");
  EXPECT_EQ(real_events_.NextEvent(), std::nullopt);
}

}  // namespace
}  // namespace dcs::api
