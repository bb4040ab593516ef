#include "scanner/natural_deletion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scanner/event_queue.h"
#include "scanner/rate_window.h"
#include "tests/scanner/late_scheduler.h"

namespace dcs::scanner {
namespace {

constexpr store::TimeMs kStart = 1'700'000'000'000;

// A keyspace under a virtual clock, with a meter that charges a fixed time per key looked at.
class NaturalDeletionTest : public ::testing::Test {
 protected:
  void Fill(size_t keys, store::TimeMs deadline, const std::string& prefix = "key:") {
    for (size_t i = 0; i < keys; ++i) {
      ASSERT_TRUE(keyspace_.Set(prefix + std::to_string(i), "v", deadline, clock_.Now()).ok());
    }
  }
  NaturalDeletion::WorkMeter Reckoned(int64_t microseconds_a_key) {
    return [microseconds_a_key](const NaturalDeletion::Work& work) {
      return static_cast<int64_t>(work.looked_at) * microseconds_a_key;
    };
  }

  store::VirtualClock clock_{kStart};
  EventQueue events_{clock_};
  store::Keyspace keyspace_{{.shards = 4,
                             .seed = 1,
                             .epoch = kStart,
                             .release_on_access = false,
                             .lazy_free_thread = false}};
};

TEST(NaturalDeletionPolicyTest, EffortFollowsRedis) {
  struct Row {
    int effort;
    size_t keys;
    double tolerated, cpu;
  };
  for (const Row& row : {Row{1, 20, 0.10, 0.25}, Row{2, 25, 0.09, 0.27}, Row{5, 40, 0.06, 0.33},
                         Row{10, 65, 0.01, 0.43}}) {
    const NaturalDeletionPolicy policy = RedisNaturalDeletion(row.effort);
    EXPECT_EQ(policy.keys_per_sample, row.keys);
    EXPECT_DOUBLE_EQ(policy.tolerated_share, row.tolerated);
    EXPECT_DOUBLE_EQ(policy.cpu_share, row.cpu);
    EXPECT_EQ(policy.cycles_per_second, 10);
    EXPECT_EQ(policy.name, "redis");
  }
  EXPECT_EQ(RedisNaturalDeletion(0).keys_per_sample, 20u);
  EXPECT_EQ(RedisNaturalDeletion(99).keys_per_sample, 65u);
  EXPECT_EQ(DcsNaturalDeletion().name, "dcs");
  EXPECT_EQ(DcsNaturalDeletion().max_released_per_second, 10'000u);
}

TEST(NaturalDeletionPolicyTest, Settings_AreClampedToTheirLimits) {
  const NaturalDeletionPolicy policy = RedisNaturalDeletion({.hz = 100, .effort = 3, .keys = 200});
  EXPECT_EQ(policy.cycles_per_second, 100);
  EXPECT_EQ(policy.keys_per_sample, 300u) << "each step of effort adds a quarter";
  EXPECT_EQ(RedisNaturalDeletion({.hz = 0}).cycles_per_second, 1);
  EXPECT_EQ(RedisNaturalDeletion({.hz = 1'000'000}).cycles_per_second, 500);
  EXPECT_EQ(RedisNaturalDeletion({.keys = 0}).keys_per_sample, 1u);
  EXPECT_EQ(RedisNaturalDeletion({.keys = 5'000}).keys_per_sample, 1'000u);
}

TEST(NaturalDeletionPolicyTest, DcsRate_DependsOnKeysPerSampleNotOnHz) {
  EXPECT_EQ(DcsNaturalDeletion().max_released_per_second, 10'000u);
  EXPECT_EQ(DcsNaturalDeletion({.hz = 100}).max_released_per_second, 10'000u);
  EXPECT_EQ(DcsNaturalDeletion({.keys = 100}).max_released_per_second, 50'000u);
  EXPECT_EQ(DcsNaturalDeletion({.hz = 500, .keys = 1}).max_released_per_second, 500u);
}

TEST(CycleTimesTest, EverySecondHasHzCycles) {
  for (int64_t hz = 1; hz <= 500; ++hz) {
    CycleTimes times;
    int64_t now = 0;
    for (int second = 1; second <= 3; ++second) {
      for (int64_t cycle = 0; cycle < hz; ++cycle) now += times.Next(hz);
      ASSERT_EQ(now, second * 1'000) << hz;
    }
  }
}

TEST(RateWindowTest, NoSecondExceedsTheRate) {
  RateWindow window;
  EXPECT_EQ(window.Left(10, kStart), 10u);
  window.Note(4, kStart);
  window.Note(2, kStart + 300);
  EXPECT_EQ(window.Left(10, kStart + 999), 4u);
  EXPECT_EQ(window.Left(10, kStart + 1'000), 8u);
  EXPECT_EQ(window.Left(1, kStart + 1'000), 0u);
  EXPECT_EQ(window.Left(10, kStart + 1'299), 8u);
  EXPECT_EQ(window.Left(10, kStart + 1'300), 10u);
  window.Note(10, kStart + 1'300);
  EXPECT_EQ(window.Left(10, kStart + 2'299), 0u);
  EXPECT_EQ(window.Left(10, kStart + 86'400'000), 10u);
  window.Note(10, kStart + 86'400'000);
  EXPECT_EQ(window.Left(10, kStart + 86'399'001), 0u)
      << "a small step back stays in the same second";
  EXPECT_EQ(window.Left(10, kStart + 3'000), 10u) << "the clock was set back";
}

TEST_F(NaturalDeletionTest, ReadsThePolicyBeforeEachCycle) {
  Fill(50'000, kStart + 1'000'000'000);
  NaturalDeletionTuning tuning;
  uint64_t looked_at = 0;
  NaturalDeletion deletion(
      events_, keyspace_, [&] { return RedisNaturalDeletion(tuning); },
      [&](const NaturalDeletion::Work& work) {
        looked_at = work.looked_at;
        return int64_t{0};
      });
  deletion.Start();
  EXPECT_EQ(events_.Advance(1'000), 10u);
  tuning = {.hz = 100, .keys = 1'000};
  events_.Advance(100);  // the cycle that was already planned
  const uint64_t before = looked_at;
  EXPECT_EQ(events_.Advance(1'000), 100u);
  EXPECT_GE(looked_at - before, 99u * 1'000);
}

TEST_F(NaturalDeletionTest, FewExpired_SamplesTwentyKeysTenTimesASecond) {
  Fill(20'000, kStart + 1'000'000'000);
  NaturalDeletion deletion(events_, keyspace_, RedisNaturalDeletion(1), Reckoned(0));
  const NaturalDeletion::CycleResult cycle = deletion.RunCycle();
  EXPECT_EQ(cycle.samples, 1u);
  EXPECT_GE(cycle.looked_at, 20u);
  EXPECT_LE(cycle.looked_at, 60u);
  EXPECT_EQ(cycle.released, 0u);
  EXPECT_FALSE(cycle.ran_out_of_time);
  deletion.Start();
  EXPECT_EQ(events_.Advance(10'000), 100u);
}

TEST_F(NaturalDeletionTest, OverTenPercentExpired_TakesAnotherSample) {
  Fill(20'000, kStart + 10);
  clock_.AdvanceTo(kStart + 11);
  NaturalDeletion deletion(events_, keyspace_, RedisNaturalDeletion(1), Reckoned(0));
  const NaturalDeletion::CycleResult cycle = deletion.RunCycle();
  EXPECT_EQ(cycle.released, 20'000u) << "all in one cycle, because no time passes";
  EXPECT_GT(cycle.samples, 200u);
  EXPECT_EQ(keyspace_.size(), 0u);
  EXPECT_EQ(keyspace_.Counters().released_by_sample, 20'000u);
}

TEST_F(NaturalDeletionTest, FewExpiredLeft_EndsTheCycle) {
  Fill(20'000, kStart + 1'000'000'000);
  Fill(500, kStart + 10, "short:");
  clock_.AdvanceTo(kStart + 11);
  NaturalDeletion deletion(events_, keyspace_, RedisNaturalDeletion(1), Reckoned(0));
  for (int i = 0; i < 20; ++i) deletion.RunCycle();
  EXPECT_GT(keyspace_.TakeCensus(clock_.Now()).expired_keys, 300u) << "2 % are tolerated";
}

TEST_F(NaturalDeletionTest, StaysWithinItsCpuShare) {
  Fill(100'000, kStart + 10);
  clock_.AdvanceTo(kStart + 11);
  // 50 us a key: 25 ms are 500 keys. The time is checked every 16 samples, that is 320 keys.
  NaturalDeletion deletion(events_, keyspace_, RedisNaturalDeletion(1), Reckoned(50));
  const NaturalDeletion::CycleResult cycle = deletion.RunCycle();
  EXPECT_TRUE(cycle.ran_out_of_time);
  EXPECT_GE(cycle.released, 640u);
  EXPECT_LE(cycle.released, 900u) << "samples end at group boundaries";
}

TEST_F(NaturalDeletionTest, CycleOutOfTime_WantsFastCycle) {
  Fill(2'000, kStart + 10);
  clock_.AdvanceTo(kStart + 11);
  // 50 us a key: 1 ms is 20 keys, but the time is checked every 16 samples.
  NaturalDeletion slow(events_, keyspace_, RedisNaturalDeletion(1), Reckoned(50));
  EXPECT_FALSE(slow.WantsFastCycle());
  EXPECT_EQ(slow.RunFastCycle().samples, 0u);
  EXPECT_TRUE(slow.RunCycle().ran_out_of_time);
  EXPECT_TRUE(slow.WantsFastCycle());
  const NaturalDeletion::CycleResult fast = slow.RunFastCycle();
  EXPECT_TRUE(fast.ran_out_of_time);
  EXPECT_GE(fast.released, 320u);
  EXPECT_LE(fast.released, 450u);
  EXPECT_GT(fast.released_bytes, fast.released * 5);
}

TEST_F(NaturalDeletionTest, FewStaleKeys_EndsFastCycles) {
  Fill(20'000, kStart + 10);
  clock_.AdvanceTo(kStart + 11);
  NaturalDeletion deletion(events_, keyspace_, RedisNaturalDeletion(1), Reckoned(50));
  while (deletion.RunCycle().released > 0) {
  }
  Fill(20'000, kStart + 1'000'000'000);
  for (int i = 0; i < 100; ++i) deletion.RunCycle();
  EXPECT_FALSE(deletion.WantsFastCycle());
}

TEST_F(NaturalDeletionTest, DcsPolicy_HasNoFastCycles) {
  Fill(20'000, kStart + 10);
  clock_.AdvanceTo(kStart + 11);
  NaturalDeletion deletion(events_, keyspace_, DcsNaturalDeletion(), Reckoned(50));
  EXPECT_TRUE(deletion.RunCycle().ran_out_of_time);
  EXPECT_EQ(deletion.RunFastCycle().samples, 0u);
}

TEST_F(NaturalDeletionTest, Disabled_ReleasesNothingUntilEnabled) {
  Fill(1'000, kStart + 10);
  NaturalDeletion deletion(events_, keyspace_, RedisNaturalDeletion(1), Reckoned(0));
  deletion.set_enabled(false);
  deletion.Start();
  deletion.Start();  // a second Start has no effect
  EXPECT_EQ(events_.Advance(5'000), 50u);
  EXPECT_EQ(keyspace_.size(), 1'000u);
  deletion.set_enabled(true);
  events_.Advance(100);
  EXPECT_EQ(keyspace_.size(), 0u);
  deletion.Stop();
  deletion.Stop();
  EXPECT_EQ(events_.Advance(5'000), 0u);
}

TEST_F(NaturalDeletionTest, Destruction_LeavesNoEvent) {
  {
    NaturalDeletion deletion(events_, keyspace_, RedisNaturalDeletion(1), Reckoned(0));
    deletion.Start();
  }
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
}

// Samples of two keys: a rate of 1,000 keys a second.
class DcsRateTest : public NaturalDeletionTest {
 protected:
  static constexpr size_t kRate = 1'000;
  static NaturalDeletionTuning Tuning(int64_t hz) { return {.hz = hz, .effort = 1, .keys = 2}; }
  size_t Released() { return keyspace_.Counters().released_by_sample; }
};

TEST_F(DcsRateTest, EveryHz_ReleasesTheRateInEachSecond) {
  for (int64_t hz = 1; hz <= 500; ++hz) {
    Fill(2 * kRate + 100, clock_.Now() + 1);
    clock_.AdvanceTo(clock_.Now() + 2);
    NaturalDeletion deletion(events_, keyspace_, DcsNaturalDeletion(Tuning(hz)), Reckoned(0));
    deletion.Start();
    for (int second = 0; second < 2; ++second) {
      const size_t before = Released();
      events_.Advance(1'000);
      ASSERT_EQ(Released() - before, kRate) << "hz " << hz << ", second " << second;
    }
    deletion.Stop();
    keyspace_.Clear(store::FreeMode::kNow);
  }
}

TEST_F(DcsRateTest, UsualSamples_ReleaseTenThousandASecond) {
  for (const int64_t hz : {1, 3, 10, 99, 300, 400, 499, 500}) {
    Fill(21'000, clock_.Now() + 1);
    clock_.AdvanceTo(clock_.Now() + 2);
    NaturalDeletion deletion(events_, keyspace_, DcsNaturalDeletion({.hz = hz}), Reckoned(0));
    deletion.Start();
    for (int second = 0; second < 2; ++second) {
      const size_t before = Released();
      events_.Advance(1'000);
      ASSERT_EQ(Released() - before, 10'000u) << "hz " << hz;
    }
    deletion.Stop();
    keyspace_.Clear(store::FreeMode::kNow);
  }
}

// After the machine slept, cycles do not make up for missed time.
TEST_F(DcsRateTest, LateCycles_DoNotCatchUp) {
  Fill(8 * kRate, clock_.Now() + 1);
  LateScheduler late(clock_);
  NaturalDeletion deletion(late, keyspace_, DcsNaturalDeletion(Tuning(10)), Reckoned(0));
  deletion.Start();
  late.RunUntil(kStart + 1'000);
  EXPECT_EQ(Released(), kRate);
  late.RunAllDueAt(kStart + 9'000);
  EXPECT_LE(Released(), kRate + kRate / 5);
  const size_t before = Released();
  late.RunUntil(kStart + 10'000);
  EXPECT_LE(Released() - before, kRate);
  deletion.Stop();
}

// The limit holds for every window of one second, even if hz changes all the time.
TEST_F(DcsRateTest, ChangingHz_NoSecondExceedsTheRate) {
  Fill(8 * kRate, clock_.Now() + 1);
  clock_.AdvanceTo(clock_.Now() + 2);
  NaturalDeletionTuning tuning = Tuning(1);
  NaturalDeletion deletion(
      events_, keyspace_, [&] { return DcsNaturalDeletion(tuning); }, Reckoned(0));
  deletion.Start();
  std::vector<size_t> released(1, Released());
  for (int ms = 1; ms <= 6'000; ++ms) {
    if (ms % 37 == 0) tuning.hz = (tuning.hz * 7 + ms) % 500 + 1;
    events_.Advance(1);
    released.push_back(Released());
    const size_t window = static_cast<size_t>(std::max(ms - 1'000, 0));
    ASSERT_LE(released.back() - released[window], kRate) << "at " << ms;
  }
  EXPECT_GT(Released(), 3 * kRate);
}

TEST_F(NaturalDeletionTest, NextCycle_ContinuesAtTheCursor) {
  Fill(5'000, kStart + 1'000'000'000);
  NaturalDeletion deletion(events_, keyspace_, RedisNaturalDeletion(1), Reckoned(0));
  // 5,000 keys at 20 or more per cycle: 250 cycles look at each key once. Rare expired keys do not
  // cause further samples, but 250 more cycles still find them.
  Fill(5, kStart + 10, "rare:");
  clock_.AdvanceTo(kStart + 11);
  for (int i = 0; i < 251; ++i) deletion.RunCycle();
  EXPECT_EQ(keyspace_.TakeCensus(clock_.Now()).expired_keys, 0u);
}

TEST_F(NaturalDeletionTest, NoDeadlines_EndsTheCycleAtOnce) {
  Fill(50'000, store::kNoDeadline);
  uint64_t visited = 0;
  NaturalDeletion deletion(events_, keyspace_, RedisNaturalDeletion(1),
                           [&](const NaturalDeletion::Work& work) {
                             visited = work.visited;
                             return int64_t{0};
                           });
  for (int i = 0; i < 3; ++i) deletion.RunCycle();
  EXPECT_LT(visited, 5'000u) << "Redis skips keyspaces without deadlines";
}

TEST_F(NaturalDeletionTest, RareDeadlines_WalksTheKeyspaceOnce) {
  Fill(20'000, store::kNoDeadline);
  Fill(1, kStart + 1'000'000'000, "rare:");
  uint64_t visited = 0;
  NaturalDeletion deletion(events_, keyspace_, RedisNaturalDeletion(1),
                           [&](const NaturalDeletion::Work& work) {
                             visited = work.visited;
                             return int64_t{0};
                           });
  deletion.RunCycle();
  EXPECT_LE(visited, 2u * 20'001);
}

TEST_F(NaturalDeletionTest, EmptyKeyspace_EndsTheCycle) {
  NaturalDeletion deletion(events_, keyspace_, RedisNaturalDeletion(1), Reckoned(0));
  const NaturalDeletion::CycleResult cycle = deletion.RunCycle();
  EXPECT_EQ(cycle.looked_at, 0u);
  EXPECT_LE(cycle.samples, 2u);
}

}  // namespace
}  // namespace dcs::scanner
