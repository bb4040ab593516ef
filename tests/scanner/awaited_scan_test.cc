// Tests of scans over nodes that answer later, and over several nodes.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "scanner/event_queue.h"
#include "scanner/scan_service.h"
#include "tests/scanner/awaited_node.h"
#include "tests/scanner/counting_target.h"

namespace dcs::scanner {
namespace {

constexpr store::TimeMs kStart = 1'700'000'000'000;
constexpr StepResult kStep = {.visited = 100, .released = 10, .released_bytes = 500};
constexpr StepResult kLastStep = {
    .visited = 100, .released = 10, .released_bytes = 500, .done = true};

class AwaitedScanTest : public ::testing::Test {
 protected:
  AwaitedScanTest() { NewService({}); }

  void NewService(const ScanServiceOptions& options) {
    scans_ = std::make_unique<ScanService>(
        events_, [this] { return NewTargets(); },
        [this] { return "scan-" + std::to_string(++last_id_); }, options);
  }
  // A manual scan whose first step is under way on all nodes, at kStart + 5.
  void StartScan() {
    scans_->Create(ScanType::kManual);
    events_.Advance(5);
  }
  ScanTask scan(const std::string& id = "scan-1") const { return scans_->Find(id).value(); }
  int64_t Elapsed() const { return clock_.Now() - kStart; }

  store::VirtualClock clock_{kStart};
  EventQueue events_{clock_};
  AwaitedNode a_{1'000}, b_{2'000};
  size_t nodes_ = 1;          // a_, or a_ and b_
  size_t counting_keys_ = 0;  // if not 0: a further node that answers at once
  int last_id_ = 0;
  std::unique_ptr<ScanService> scans_;

 private:
  ScanTargets NewTargets() {
    ScanTargets targets = OneTarget(a_.NewTarget());
    if (nodes_ > 1) targets.push_back(b_.NewTarget());
    if (counting_keys_ > 0) targets.push_back(std::make_unique<CountingTarget>(counting_keys_));
    return targets;
  }
};

TEST_F(AwaitedScanTest, StepUnderWay_StartsNoOtherStep) {
  StartScan();
  EXPECT_EQ(a_.steps, 1u);
  EXPECT_EQ(a_.budget, 100u);
  events_.Advance(1'000);
  EXPECT_EQ(a_.steps, 1u);
  EXPECT_EQ(scan().steps, 0u) << "counted with the answer";
  a_.Answer(kStep);
  EXPECT_EQ(scan().steps, 1u);
  EXPECT_EQ(scan().visited, 100u);
  EXPECT_EQ(scan().released, 10u);
  EXPECT_EQ(a_.steps, 1u) << "not before the scheduler runs";
  events_.Advance(0);
  EXPECT_EQ(a_.steps, 2u);
}

TEST_F(AwaitedScanTest, NextStep_IsDueOneIntervalAfterLastDueTime) {
  StartScan();
  events_.Advance(3);
  a_.Answer(kStep);
  events_.Advance(1);
  EXPECT_EQ(a_.steps, 1u);
  events_.Advance(1);
  EXPECT_EQ(Elapsed(), 10);
  EXPECT_EQ(a_.steps, 2u);
}

TEST_F(AwaitedScanTest, LateAnswer_CatchesUpWithABoundedNumberOfSteps) {
  StartScan();
  events_.Advance(60'000);
  a_.Answer(kStep);
  size_t at_once = 0;
  for (events_.Advance(0); a_.awaited(); events_.Advance(0)) {
    a_.Answer(kStep);
    ++at_once;
  }
  EXPECT_EQ(at_once, 21u);
  events_.Advance(4);
  EXPECT_FALSE(a_.awaited());
  events_.Advance(1);
  EXPECT_TRUE(a_.awaited()) << "back at its pace";
}

TEST_F(AwaitedScanTest, LastAnswer_EndsTheScan) {
  StartScan();
  a_.Answer(kStep);
  events_.Advance(5);
  events_.Advance(2);
  a_.Answer(kLastStep);
  EXPECT_EQ(scan().status, ScanStatus::kSuccess);
  EXPECT_EQ(scan().finished_at, kStart + 12);
  EXPECT_EQ(scan().released, 20u);
  EXPECT_EQ(a_.targets, 0);
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
}

TEST_F(AwaitedScanTest, FailedStep_FailsTheScanWithItsReason) {
  StartScan();
  a_.Answer(kStep);
  events_.Advance(5);
  a_.Answer(absl::UnavailableError("the connection to 10.0.0.7:6379 was lost"));
  EXPECT_EQ(scan().status, ScanStatus::kFailed);
  EXPECT_EQ(scan().failure, "the connection to 10.0.0.7:6379 was lost");
  EXPECT_EQ(scan().finished_at, kStart + 10);
  EXPECT_EQ(scan().released, 10u) << "released keys stay counted";
  EXPECT_EQ(scan().steps, 1u);
  EXPECT_EQ(a_.targets, 0);
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
  StartScan();
  EXPECT_EQ(scan("scan-2").status, ScanStatus::kRunning);
}

TEST_F(AwaitedScanTest, NoAnswer_FailsTheScanAtItsTimeout) {
  NewService({.manual = {.timeout_ms = 1'000}});
  scans_->Create(ScanType::kManual);
  scans_->Create(ScanType::kManual);
  events_.Advance(999);
  EXPECT_EQ(scan().status, ScanStatus::kRunning);
  ScanTarget::StepDone late = a_.Take();
  events_.Advance(1);
  EXPECT_EQ(scan().status, ScanStatus::kFailed);
  EXPECT_EQ(scan().finished_at, kStart + 1'000);
  EXPECT_EQ(scan().failure, "the scan's timeout has passed");
  EXPECT_EQ(a_.targets, 1) << "the target of the next scan";
  late(kLastStep);
  EXPECT_EQ(scan().released, 0u);
  EXPECT_EQ(scan("scan-2").status, ScanStatus::kRunning);
  EXPECT_EQ(scan("scan-2").steps, 0u);
}

TEST_F(AwaitedScanTest, AnswerInTime_NextStepChecksTheTimeout) {
  NewService({.manual = {.timeout_ms = 12}});
  StartScan();
  events_.Advance(6);
  a_.Answer(kStep);
  events_.Advance(0);
  EXPECT_EQ(a_.steps, 2u) << "the late step of 10 ms";
  a_.Answer(kStep);
  events_.Advance(4);
  EXPECT_EQ(scan().status, ScanStatus::kFailed);
  EXPECT_EQ(scan().finished_at, kStart + 15);
  EXPECT_EQ(scan().steps, 2u);
}

TEST_F(AwaitedScanTest, Suspend_IgnoresTheAnswerUnderWay) {
  StartScan();
  ScanTarget::StepDone late = a_.Take();
  scans_->Suspend("the instance was restarted");
  EXPECT_EQ(scan().failure, "the instance was restarted");
  EXPECT_EQ(a_.targets, 0);
  late(kLastStep);
  EXPECT_EQ(scan().status, ScanStatus::kFailed);
  EXPECT_EQ(scan().released, 0u);
  EXPECT_EQ(events_.NextEvent(), std::nullopt) << "the timeout timer is cancelled";
  scans_->Resume();
  StartScan();
  EXPECT_EQ(scan("scan-2").status, ScanStatus::kRunning);
}

TEST_F(AwaitedScanTest, Stop_IgnoresTheAnswerUnderWay) {
  StartScan();
  ScanTarget::StepDone late = a_.Take();
  scans_->Stop("the server is shutting down");
  late(absl::UnavailableError("too late"));
  EXPECT_EQ(scan().failure, "the server is shutting down");
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
}

TEST_F(AwaitedScanTest, EndOfTheService_IgnoresTheAnswerUnderWay) {
  StartScan();
  ScanTarget::StepDone late = a_.Take();
  scans_.reset();
  EXPECT_EQ(a_.targets, 0);
  late(kStep);
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
}

TEST_F(AwaitedScanTest, SecondAnswerToOneStep_IsIgnored) {
  StartScan();
  ScanTarget::StepDone answer = a_.Take();
  answer(kStep);
  answer(kLastStep);
  EXPECT_EQ(scan().steps, 1u);
  EXPECT_EQ(scan().status, ScanStatus::kRunning);
}

TEST_F(AwaitedScanTest, IdleListener_IsCalledWithinTheLastAnswer) {
  int told = 0;
  scans_->idle_listeners().Add([&] {
    EXPECT_TRUE(scans_->idle());
    ++told;
  });
  StartScan();
  a_.Answer(kLastStep);
  EXPECT_EQ(told, 1);
}

// ---- Several nodes ------------------------------------------------------------------------------

class SeveralNodesTest : public AwaitedScanTest {
 protected:
  SeveralNodesTest() { nodes_ = 2; }
};

TEST_F(SeveralNodesTest, ScanEndsWithTheLastNode) {
  StartScan();
  EXPECT_EQ(scan().keys_at_start, 3'000u);
  a_.Answer(kLastStep);
  EXPECT_EQ(scan().status, ScanStatus::kRunning);
  events_.Advance(45);
  EXPECT_EQ(a_.steps, 1u) << "its walk is over";
  b_.Answer(kStep);
  events_.Advance(0);
  b_.Answer(kLastStep);
  EXPECT_EQ(scan().status, ScanStatus::kSuccess);
  EXPECT_EQ(scan().finished_at, kStart + 50);
  EXPECT_EQ(scan().steps, 3u);
  EXPECT_EQ(scan().visited, 300u);
  EXPECT_EQ(scan().released, 30u);
  EXPECT_EQ(scan().released_bytes, 1'500u);
  EXPECT_EQ(a_.targets + b_.targets, 0);
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
}

TEST_F(SeveralNodesTest, SlowNode_DoesNotSlowTheOther) {
  StartScan();
  for (int step = 1; step <= 10; ++step) {
    ASSERT_EQ(b_.steps, static_cast<size_t>(step));
    b_.Answer(kStep);
    events_.Advance(5);
  }
  EXPECT_EQ(a_.steps, 1u);
}

TEST_F(SeveralNodesTest, Answers_MayComeInAnyOrder) {
  StartScan();
  b_.Answer(StepResult{.visited = 7, .released = 1});
  a_.Answer(StepResult{.visited = 9, .released = 2});
  events_.Advance(5);
  a_.Answer(StepResult{.visited = 11, .released = 3, .done = true});
  b_.Answer(StepResult{.visited = 13, .released = 4, .done = true});
  EXPECT_EQ(scan().status, ScanStatus::kSuccess);
  EXPECT_EQ(scan().visited, 40u);
  EXPECT_EQ(scan().released, 10u);
}

TEST_F(SeveralNodesTest, OneFailedNode_FailsTheScan) {
  counting_keys_ = 1'000'000;
  StartScan();
  ScanTarget::StepDone late = b_.Take();
  a_.Answer(absl::UnavailableError("node a is gone"));
  EXPECT_EQ(scan().status, ScanStatus::kFailed);
  EXPECT_EQ(scan().failure, "node a is gone");
  EXPECT_EQ(a_.targets + b_.targets, 0);
  EXPECT_EQ(events_.NextEvent(), std::nullopt) << "no step of another node is left";
  late(kStep);
  EXPECT_EQ(scan().steps, 1u) << "the step of the node that answers at once";
}

TEST_F(SeveralNodesTest, TimeoutOfOneWalk_EndsAll) {
  counting_keys_ = 1'000'000;
  NewService({.manual = {.timeout_ms = 22}});
  StartScan();
  events_.Advance(1'000);
  EXPECT_EQ(scan().status, ScanStatus::kFailed);
  EXPECT_EQ(scan().finished_at, kStart + 22) << "an answer is still awaited";
  EXPECT_EQ(scan().steps, 4u);
  EXPECT_EQ(a_.targets + b_.targets, 0);
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
}

}  // namespace
}  // namespace dcs::scanner
