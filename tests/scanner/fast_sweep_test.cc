#include "scanner/fast_sweep.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "scanner/keyspace_target.h"

namespace dcs::scanner {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// A sweep in which each thread spends two seconds of CPU time while three seconds pass. The CPU
// clock of each thread starts at another time.
class ThreadedTarget final : public FastSweepTarget {
 public:
  StepResult FastSweep(size_t threads, PartRunner run) override {
    const auto part = [&] {
      cpu_ns() = static_cast<int64_t>(++started) * 100 * kSecond;
      run([&] {
        cpu_ns() += 2 * kSecond;
        ++parts;
      });
    };
    std::vector<std::thread> others;
    for (size_t i = 1; i < threads; ++i) others.emplace_back(part);
    part();
    for (std::thread& thread : others) thread.join();
    real_ns += 3 * kSecond;
    return {
        .visited = 10 * threads, .released = threads, .released_bytes = 50 * threads, .done = true};
  }

  SweepMeter Meter() {
    return {.real_ns = [this] { return real_ns; }, .thread_cpu_ns = [] { return cpu_ns(); }};
  }

  static int64_t& cpu_ns() {
    static thread_local int64_t ns = 0;
    return ns;
  }
  int64_t real_ns = 7 * kSecond;
  std::atomic<size_t> started{0};
  std::atomic<size_t> parts{0};
};

TEST(FastSweep, ReportsKeysAndTime) {
  ThreadedTarget target;
  const FastSweepResult swept = RunFastSweep(target, 1, target.Meter());
  EXPECT_EQ(swept.found.visited, 10u);
  EXPECT_EQ(swept.found.released, 1u);
  EXPECT_EQ(swept.found.released_bytes, 50u);
  EXPECT_TRUE(swept.found.done);
  EXPECT_DOUBLE_EQ(swept.seconds, 3);
  EXPECT_DOUBLE_EQ(swept.cpu_seconds, 2);
}

TEST(FastSweep, CountsCpuTimeOfEveryThread) {
  ThreadedTarget target;
  const FastSweepResult swept = RunFastSweep(target, 8, target.Meter());
  EXPECT_EQ(target.parts, 8u);
  EXPECT_EQ(swept.found.released, 8u);
  EXPECT_DOUBLE_EQ(swept.seconds, 3);
  EXPECT_DOUBLE_EQ(swept.cpu_seconds, 16);
}

TEST(FastSweep, WithoutMeter_ReportsNoTime) {
  ThreadedTarget target;
  const FastSweepResult swept = RunFastSweep(target, 2, {});
  EXPECT_EQ(swept.found.released, 2u);
  EXPECT_EQ(swept.seconds, 0);
  EXPECT_EQ(swept.cpu_seconds, 0);
}

// The parameter is the number of threads: from one to more than there are shards.
class FastSweepOfAKeyspace : public testing::TestWithParam<size_t> {};

TEST_P(FastSweepOfAKeyspace, ReleasesExactlyTheExpiredKeys) {
  store::VirtualClock clock(1'000'000);
  store::Keyspace keyspace({.shards = 4, .epoch = 1'000'000, .lazy_free_thread = false});
  for (int i = 0; i < 30'000; ++i) {
    const store::TimeMs deadline = i % 3 == 0 ? store::kNoDeadline : clock.Now() + i % 3 * 100;
    ASSERT_TRUE(keyspace.Set("key:" + std::to_string(i), "value", deadline, clock.Now()).ok());
  }
  clock.AdvanceTo(clock.Now() + 150);
  const store::Census before = keyspace.TakeCensus(clock.Now());
  ASSERT_EQ(before.expired_keys, 10'000u);
  KeyspaceTarget target(keyspace, clock);
  const FastSweepResult swept = RunFastSweep(target, GetParam(), {});
  EXPECT_EQ(swept.found.visited, 30'000u);
  EXPECT_EQ(swept.found.released, before.expired_keys);
  EXPECT_EQ(swept.found.released_bytes, before.expired_bytes);
  EXPECT_TRUE(swept.found.done);
  EXPECT_EQ(keyspace.TakeCensus(clock.Now()).expired_keys, 0u);
  EXPECT_EQ(keyspace.size(), 20'000u);
  keyspace.CheckInvariants();
  const FastSweepResult again = RunFastSweep(target, GetParam(), {});
  EXPECT_EQ(again.found.visited, 20'000u);
  EXPECT_EQ(again.found.released, 0u);
}

INSTANTIATE_TEST_SUITE_P(Threads, FastSweepOfAKeyspace, testing::Values(1, 2, 3, 64));

}  // namespace
}  // namespace dcs::scanner
