#include "scanner/auto_scan.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "scanner/event_queue.h"
#include "tests/scanner/counting_target.h"
#include "tests/scanner/late_scheduler.h"

namespace dcs::scanner {
namespace {

constexpr store::TimeMs kStart = 1'700'000'000'000;
constexpr int64_t kSecond = 1'000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

// An instance with a given number of keys and its automatic scans, under any scheduler.
class Rig {
 public:
  explicit Rig(Scheduler& scheduler, AutoScanOptions options = {})
      : scans(
            scheduler, [this] { return OneTarget(std::make_unique<CountingTarget>(keys)); },
            [this] { return "scan-" + std::to_string(++last_id_); }, {.history_limit = 100'000}),
        automatic(scheduler, scans, options) {}

  // Sets the number of keys so that a scan of 100 keys a step takes `ms`.
  void LetScansTake(int64_t ms) { keys = static_cast<size_t>(ms / 5 * 100); }

  // Start times of the automatic scans, in ms after kStart, oldest first.
  std::vector<int64_t> Starts() const {
    std::vector<int64_t> starts;
    for (const ScanTask& task : scans.Histories({.limit = SIZE_MAX}).records) {
      if (task.type == ScanType::kAuto) {
        starts.insert(starts.begin(), task.started_at.value_or(0) - kStart);
      }
    }
    return starts;
  }

  size_t keys = 1'000;
  ScanService scans;
  AutoScan automatic;

 private:
  int last_id_ = 0;
};

AutoScanConfig Every(int64_t interval_ms, int64_t first_ms) {
  return {.enabled = true,
          .first_scan_at = kStart + first_ms,
          .interval_s = interval_ms / kSecond,
          .timeout_s = 2 * interval_ms / kSecond + 2,
          .keys_per_step = 100};
}

class AutoScanTest : public ::testing::Test {
 protected:
  using Starts = std::vector<int64_t>;

  store::VirtualClock clock_{kStart};
  EventQueue events_{clock_};
  Rig rig_{events_};
};

TEST_F(AutoScanTest, Unconfigured_IsOffWithConsoleDefaults) {
  const AutoScanConfig& config = rig_.automatic.config();
  EXPECT_FALSE(config.enabled);
  EXPECT_EQ(config.first_scan_at, std::nullopt);
  EXPECT_EQ(config.interval_s, 86'400);
  EXPECT_EQ(config.timeout_s, 172'800);
  EXPECT_EQ(config.keys_per_step, 50);
  EXPECT_EQ(config.updated_at, std::nullopt);
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
}

TEST_F(AutoScanTest, ScansAtFirstTimeAndEveryInterval) {
  rig_.automatic.Configure(Every(kHour, 10 * kMinute));
  EXPECT_EQ(rig_.automatic.config().updated_at, kStart);
  events_.Advance(10 * kMinute - 1);
  EXPECT_EQ(rig_.Starts(), Starts{});
  events_.Advance(1);
  EXPECT_EQ(rig_.Starts(), Starts{10 * kMinute}) << "to the millisecond";
  events_.Advance(3 * kHour);
  EXPECT_EQ(rig_.Starts(), (Starts{10 * kMinute, 70 * kMinute, 130 * kMinute, 190 * kMinute}));
  const HistoryPage page = rig_.scans.Histories({.status = ScanStatus::kSuccess});
  EXPECT_EQ(page.scans, 3u);
  EXPECT_EQ(page.expired_keys, 300u);
}

TEST_F(AutoScanTest, ScanLength_DoesNotMoveStartTimes) {
  rig_.LetScansTake(40 * kMinute);
  rig_.automatic.Configure(Every(kHour, kMinute));
  events_.Advance(5 * kHour);
  EXPECT_EQ(rig_.Starts(),
            (Starts{kMinute, 61 * kMinute, 121 * kMinute, 181 * kMinute, 241 * kMinute}));
}

TEST_F(AutoScanTest, UsesConfiguredKeysPerStep) {
  rig_.keys = 10'000;
  AutoScanConfig config = Every(kHour, kMinute);
  config.keys_per_step = 1'000;
  rig_.automatic.Configure(config);
  events_.Advance(2 * kMinute);
  const ScanTask task = rig_.scans.Histories({}).records.front();
  EXPECT_EQ(*task.finished_at - *task.started_at, 50);
  EXPECT_EQ(task.steps, 10u);
}

TEST_F(AutoScanTest, IntervalZero_RunsOneScan) {
  AutoScanConfig config = Every(0, kMinute);
  config.timeout_s = 10;
  rig_.automatic.Configure(config);
  events_.Advance(30 * kDay);
  EXPECT_EQ(rig_.Starts(), Starts{kMinute});
  EXPECT_EQ(rig_.automatic.state().next_start, std::nullopt);
  EXPECT_TRUE(rig_.automatic.config().enabled) << "the configuration is unchanged";
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
}

TEST_F(AutoScanTest, RunningScan_SkipsTheStart) {
  rig_.LetScansTake(70 * kMinute);
  rig_.automatic.Configure(Every(kHour, 0 + kMinute));
  events_.Advance(4 * kHour);
  // 0:01 to 1:11; 1:01 skipped; 2:01 to 3:11; 3:01 skipped.
  EXPECT_EQ(rig_.Starts(), (Starts{kMinute, 121 * kMinute}));
  EXPECT_EQ(rig_.automatic.skipped(), 2u);
}

TEST_F(AutoScanTest, RunningScanEndsWithinFiveMinutes_StartsLate) {
  rig_.LetScansTake(63 * kMinute);
  rig_.automatic.Configure(Every(kHour, kMinute));
  events_.Advance(2 * kHour);
  EXPECT_EQ(rig_.Starts(), (Starts{kMinute, 64 * kMinute})) << "late, right after the first scan";
  EXPECT_EQ(rig_.automatic.skipped(), 0u);
  // The start times have not moved: 2:01 falls into the scan that ends at 2:07 and is skipped; 3:01
  // is not.
  events_.Advance(2 * kHour);
  EXPECT_EQ(rig_.Starts(), (Starts{kMinute, 64 * kMinute, 181 * kMinute}));
  EXPECT_EQ(rig_.automatic.skipped(), 1u);
}

TEST_F(AutoScanTest, GraceOfFiveMinutes_IsExactToTheMillisecond) {
  for (const bool within : {true, false}) {
    store::VirtualClock clock(kStart);
    EventQueue events(clock);
    Rig rig(events);
    rig.LetScansTake(kHour + 5 * kMinute + (within ? 0 : 5));
    rig.automatic.Configure(Every(kHour, kMinute));
    events.Advance(90 * kMinute);
    EXPECT_EQ(rig.Starts().size(), within ? 2u : 1u);
    EXPECT_EQ(rig.automatic.skipped(), within ? 0u : 1u);
  }
}

TEST_F(AutoScanTest, ManualScan_DelaysTheStart) {
  rig_.automatic.Configure(Every(kHour, kMinute));
  rig_.LetScansTake(20 * kMinute);
  rig_.scans.Create(ScanType::kManual);
  events_.Advance(30 * kMinute);
  EXPECT_EQ(rig_.Starts(), Starts{});
  EXPECT_EQ(rig_.automatic.skipped(), 1u);
  // Two scans that end 4 minutes after the next start: it waits for both.
  rig_.LetScansTake(17 * kMinute + 30 * kSecond);
  rig_.scans.Create(ScanType::kManual);
  rig_.scans.Create(ScanType::kManual);
  events_.Advance(kHour);
  EXPECT_EQ(rig_.Starts(), Starts{65 * kMinute});
}

TEST_F(AutoScanTest, ManualScan_WaitsForAutomaticScan) {
  rig_.LetScansTake(10 * kMinute);
  rig_.automatic.Configure(Every(kHour, kMinute));
  events_.Advance(2 * kMinute);
  const ScanTask manual = rig_.scans.Create(ScanType::kManual);
  events_.Advance(20 * kMinute);
  EXPECT_EQ(*rig_.scans.Find(manual.id)->started_at, kStart + 11 * kMinute);
}

TEST_F(AutoScanTest, ScanExceedsTimeout_FailsAndNextScanRuns) {
  rig_.LetScansTake(10 * kHour);
  AutoScanConfig config = Every(kHour, kMinute);
  config.timeout_s = 2 * 3'600;
  rig_.automatic.Configure(config);
  events_.Advance(2 * kHour + 2 * kMinute);
  const ScanTask first = *rig_.scans.Find("scan-1");
  EXPECT_EQ(first.status, ScanStatus::kFailed);
  EXPECT_EQ(first.finished_at, kStart + kMinute + 2 * kHour);
  EXPECT_GT(first.released, 0u) << "released keys stay released";
  // 1:01 was skipped. 2:01, the time of the timeout, was not.
  EXPECT_EQ(rig_.Starts(), (Starts{kMinute, 121 * kMinute}));
}

TEST_F(AutoScanTest, IntervalShorterThanGrace_MergesMissedStarts) {
  rig_.LetScansTake(150 * kSecond);
  AutoScanConfig config = Every(kMinute, kMinute);
  config.timeout_s = 3'600;
  rig_.automatic.Configure(config);
  events_.Advance(10 * kMinute);
  // One start after the other, never two at one end. A start time at the very end of a scan is
  // kept.
  EXPECT_EQ(rig_.Starts(), (Starts{60 * kSecond, 210 * kSecond, 360 * kSecond, 510 * kSecond}));
}

TEST_F(AutoScanTest, ScanMuchLongerThanInterval_QueuesNoBacklog) {
  rig_.LetScansTake(kHour);
  AutoScanConfig config = Every(kSecond, kSecond);
  config.timeout_s = 10 * 3'600;
  rig_.automatic.Configure(config);
  events_.Advance(2 * kHour + kMinute);
  EXPECT_EQ(rig_.Starts(), (Starts{kSecond, kHour + kSecond, 2 * kHour + kSecond}));
  EXPECT_EQ(rig_.scans.Histories({.status = ScanStatus::kWaiting}).scans, 0u);
}

TEST_F(AutoScanTest, Disabled_StartsNoScanAndLetsRunningScanEnd) {
  rig_.LetScansTake(10 * kMinute);
  rig_.automatic.Configure(Every(kHour, kMinute));
  events_.Advance(2 * kMinute);
  AutoScanConfig off = rig_.automatic.config();
  off.enabled = false;
  rig_.automatic.Configure(off);
  events_.Advance(kDay);
  EXPECT_EQ(rig_.Starts(), Starts{kMinute});
  EXPECT_EQ(rig_.scans.Find("scan-1")->status, ScanStatus::kSuccess);
  EXPECT_EQ(rig_.automatic.config().interval_s, 3'600) << "other fields are unchanged";
  EXPECT_EQ(rig_.automatic.config().updated_at, kStart + 2 * kMinute);
}

TEST_F(AutoScanTest, Reconfigured_RunningScanStillDelaysNewStarts) {
  rig_.LetScansTake(30 * kMinute);
  rig_.automatic.Configure(Every(kHour, kMinute));
  events_.Advance(2 * kMinute);
  AutoScanConfig config = Every(2 * kHour, 10 * kMinute);
  config.keys_per_step = 1'000;
  rig_.automatic.Configure(config);
  events_.Advance(kHour);
  EXPECT_EQ(rig_.scans.Find("scan-1")->finished_at, kStart + 31 * kMinute)
      << "at the pace it started with";
  EXPECT_EQ(rig_.Starts(), Starts{kMinute});
  EXPECT_EQ(rig_.automatic.skipped(), 1u) << "the scan that ran until 0:31 blocked 0:10";
  events_.Advance(2 * kHour);
  EXPECT_EQ(rig_.Starts(), (Starts{kMinute, 130 * kMinute}));
}

TEST_F(AutoScanTest, Reconfigured_DropsWaitingStart) {
  rig_.LetScansTake(63 * kMinute);
  rig_.automatic.Configure(Every(kHour, kMinute));
  events_.Advance(62 * kMinute);  // 1:01 waits for the scan that ends at 1:04
  rig_.automatic.Configure(Every(kHour, 100 * kMinute));
  events_.Advance(kHour);
  EXPECT_EQ(rig_.Starts(), (Starts{kMinute, 100 * kMinute}));
}

TEST_F(AutoScanTest, InstanceOutOfService_DelaysTheStart) {
  rig_.automatic.Configure(Every(kHour, kMinute));
  rig_.scans.Suspend("restarting");
  events_.Advance(4 * kMinute);
  rig_.scans.Resume();
  events_.Advance(kMinute);
  EXPECT_EQ(rig_.Starts(), Starts{4 * kMinute});
  rig_.scans.Suspend("restarting");
  events_.Advance(2 * kHour + 2 * kMinute);
  rig_.scans.Resume();
  EXPECT_EQ(rig_.automatic.skipped(), 2u) << "1:01 and 2:01";
  events_.Advance(kHour);
  EXPECT_EQ(rig_.Starts(), (Starts{4 * kMinute, 181 * kMinute}));
}

TEST_F(AutoScanTest, StoppedService_GetsNoScans) {
  rig_.automatic.Configure(Every(kHour, kMinute));
  rig_.scans.Stop("the instance is deleted");
  events_.Advance(kDay);
  EXPECT_EQ(rig_.scans.Histories({}).scans, 0u);
}

TEST_F(AutoScanTest, Restore_ContinuesTheSchedule) {
  rig_.automatic.Configure(Every(kHour, kMinute));
  events_.Advance(90 * kMinute);
  const AutoScanState saved = rig_.automatic.state();
  ASSERT_EQ(saved.next_start, kStart + 121 * kMinute);
  Rig other(events_);
  other.automatic.Restore(saved);
  EXPECT_EQ(other.automatic.config().updated_at, kStart) << "Restore does not count as a change";
  events_.Advance(2 * kHour);
  EXPECT_EQ(other.Starts(), (Starts{121 * kMinute, 181 * kMinute}));
}

TEST_F(AutoScanTest, Restore_AfterMissedStarts_RunsOneScan) {
  const AutoScanState saved{Every(kHour, kMinute), kStart + kMinute};
  events_.Advance(10 * kHour + 30 * kMinute);
  rig_.automatic.Restore(saved);
  events_.Advance(kHour);
  EXPECT_EQ(rig_.Starts(), (Starts{10 * kHour + 30 * kMinute, 11 * kHour + kMinute}));
  // A one-time scan that has run does not run again.
  AutoScanState once{Every(0, kMinute), std::nullopt};
  Rig other(events_);
  other.automatic.Restore(once);
  events_.Advance(kDay);
  EXPECT_EQ(other.Starts(), Starts{});
}

TEST_F(AutoScanTest, Destruction_LeavesNoEvent) {
  {
    Rig rig(events_);
    rig.automatic.Configure(Every(kHour, kMinute));
    events_.Advance(1);
  }
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
}

// ---- Late timers, jumping clocks ----------------------------------------------------------------

class AutoScanLateTest : public ::testing::Test {
 protected:
  using Starts = std::vector<int64_t>;

  store::VirtualClock clock_{kStart};
  LateScheduler scheduler_{clock_};
  Rig rig_{scheduler_};
};

TEST_F(AutoScanLateTest, ProcessSlept_RunsOneScanForAllMissedStarts) {
  rig_.automatic.Configure(Every(kHour, kMinute));
  scheduler_.RunAllDueAt(kStart + 2 * kMinute);
  ASSERT_EQ(rig_.Starts(), Starts{2 * kMinute}) << "a minute late";
  scheduler_.RunUntil(kStart + 3 * kMinute);
  // Asleep from 0:03 to 8:30: eight start times are missed.
  scheduler_.RunAllDueAt(kStart + 8 * kHour + 30 * kMinute);
  scheduler_.RunUntil(kStart + 8 * kHour + 31 * kMinute);
  EXPECT_EQ(rig_.Starts(), (Starts{2 * kMinute, 8 * kHour + 30 * kMinute}));
  // The old start times continue.
  for (store::TimeMs at = clock_.Now(); at < kStart + 10 * kHour; at += kSecond) {
    scheduler_.RunAllDueAt(at);
  }
  EXPECT_EQ(rig_.Starts(), (Starts{2 * kMinute, 8 * kHour + 30 * kMinute, 9 * kHour + kMinute}));
  EXPECT_EQ(rig_.automatic.skipped(), 0u);
}

TEST_F(AutoScanLateTest, ClockJumpsAhead_IsNoticedWithinSeconds) {
  rig_.automatic.Configure(Every(kDay, 2 * kHour));
  scheduler_.RunUntil(kStart + kMinute);
  scheduler_.JumpClock(3 * kHour);
  const store::TimeMs jumped = clock_.Now();
  scheduler_.RunUntil(jumped + AutoScanOptions{}.longest_wait_ms);
  ASSERT_EQ(rig_.Starts().size(), 1u);
  EXPECT_LE(rig_.Starts()[0], jumped - kStart + AutoScanOptions{}.longest_wait_ms);
}

TEST_F(AutoScanLateTest, ClockStandsStill_DelaysWithoutLosingStarts) {
  // A wall clock that was set back: time passes, but the clock does not move.
  rig_.automatic.Configure(Every(kHour, kMinute));
  for (int i = 0; i < 10'000; ++i) scheduler_.RunAllDueAt(kStart);
  EXPECT_EQ(rig_.Starts(), Starts{});
  scheduler_.RunUntil(kStart + 2 * kMinute);
  EXPECT_EQ(rig_.Starts(), Starts{kMinute});
}

}  // namespace
}  // namespace dcs::scanner
