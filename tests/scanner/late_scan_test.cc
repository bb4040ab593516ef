// Tests of scans whose timers run late or whose clock is set during the scan.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "scanner/scan_service.h"
#include "tests/scanner/counting_target.h"
#include "tests/scanner/late_scheduler.h"

namespace dcs::scanner {
namespace {

constexpr store::TimeMs kStart = 1'700'000'000'000;

class LateScanTest : public ::testing::Test {
 protected:
  // Creates a manual scan of `keys_` keys: 100 every 5 ms.
  void Create(const ScanServiceOptions& options = {}) {
    scans_ = std::make_unique<ScanService>(
        scheduler_, [this] { return OneTarget(std::make_unique<CountingTarget>(keys_)); },
        [] { return std::string("id"); }, options);
    scans_->Create(ScanType::kManual);
  }
  ScanTask scan() const { return scans_->Find("id").value(); }

  size_t keys_ = 10'000'000;
  store::VirtualClock clock_{kStart};
  LateScheduler scheduler_{clock_};
  std::unique_ptr<ScanService> scans_;
};

TEST_F(LateScanTest, LateSteps_CatchUpWithinABound) {
  Create();
  scheduler_.RunAllDueAt(kStart);
  // 50 ms late: the ten due steps run at once.
  scheduler_.RunAllDueAt(kStart + 50);
  EXPECT_EQ(scan().steps, 10u);
  // An hour late: a bounded number of steps instead of 720,000.
  scheduler_.RunAllDueAt(kStart + 3'600'000);
  const uint64_t steps = scan().steps;
  EXPECT_GE(steps, 11u);
  EXPECT_LE(steps, 10u + 25);
  // Then the scan is back at its pace.
  for (int i = 1; i <= 100; ++i) scheduler_.RunAllDueAt(kStart + 3'600'000 + i);
  EXPECT_EQ(scan().steps, steps + 20);
}

TEST_F(LateScanTest, SlightlyLateTimers_DoNotSlowTheScan) {
  keys_ = 100'000;
  Create();
  // Timers run every 7 ms only, although a step is due every 5 ms.
  store::TimeMs time = kStart;
  while (scan().status != ScanStatus::kSuccess) scheduler_.RunAllDueAt(time += 7);
  // 1,000 steps of 5 ms, started by the first run of the timers.
  EXPECT_NEAR(static_cast<double>(time - kStart), 5'000, 50);
}

// One minute after the system's clock was set back by an hour.
TEST_F(LateScanTest, Clock_SetBack_DoesNotStallTheScan) {
  Create();
  scheduler_.RunAllDueAt(kStart);
  scheduler_.RunUntil(kStart + 1'000);
  EXPECT_EQ(scan().steps, 200u);
  scheduler_.PassWithoutClock(60'000);
  EXPECT_EQ(scan().steps, 200u + 12'000);
}

TEST_F(LateScanTest, Clock_SetBack_DoesNotPostponeTheTimeout) {
  Create({.manual = {.timeout_ms = 10'000}});
  scheduler_.RunAllDueAt(kStart);
  scheduler_.RunUntil(kStart + 1'000);
  scheduler_.PassWithoutClock(9'100);
  EXPECT_EQ(scan().status, ScanStatus::kFailed);
}

TEST_F(LateScanTest, Clock_SetForward_DoesNotEndTheScan) {
  Create();
  scheduler_.RunAllDueAt(kStart);
  scheduler_.RunUntil(kStart + 1'000);
  scheduler_.JumpClock(24 * 3'600'000);
  scheduler_.PassWithoutClock(1'000);
  EXPECT_EQ(scan().status, ScanStatus::kRunning);
  EXPECT_EQ(scan().steps, 400u) << "no step is caught up with";
}

}  // namespace
}  // namespace dcs::scanner
