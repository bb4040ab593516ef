#include "store/shard_mutex.h"

#include <gtest/gtest.h>

#include <mutex>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

namespace dcs::store {
namespace {

TEST(ShardMutexTest, OneThreadAtATimeHoldsIt) {
  ShardMutex mutex(/*measured=*/false);
  size_t count = 0;  // guarded by mutex
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20'000; ++round) {
        const std::lock_guard lock(mutex);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 80'000u);
  EXPECT_FALSE(mutex.contended());
}

TEST(ShardMutexTest, SaysWhileSomebodyWaits) {
  ShardMutex mutex(/*measured=*/false);
  mutex.lock();
  EXPECT_FALSE(mutex.contended());
  std::thread waiter([&] { const std::lock_guard lock(mutex); });
  while (!mutex.contended()) std::this_thread::yield();
  mutex.unlock();
  mutex.Yield();  // returns once the waiter has had its turn
  waiter.join();
  EXPECT_FALSE(mutex.contended());
}

TEST(ShardMutexTest, CountsEveryHoldWhereItIsMeasured) {
  ShardMutex mutex(/*measured=*/true);
  for (int i = 0; i < 100; ++i) const std::lock_guard lock(mutex);
  const std::lock_guard lock(mutex);
  const HoldTimes& times = mutex.hold_times();
  EXPECT_EQ(std::accumulate(times.holds.begin(), times.holds.end(), uint64_t{0}), 100u);
  EXPECT_GT(times.longest_ns, 0u);
}

TEST(HoldTimesTest, PutsADurationWhereItsDoubleWouldGoOneFurther) {
  HoldTimes times;
  times.Add(0);
  times.Add(1);
  times.Add(1023);
  times.Add(1024);
  EXPECT_EQ(times.holds[0], 1u);
  EXPECT_EQ(times.holds[1], 1u);
  EXPECT_EQ(times.holds[10], 1u);
  EXPECT_EQ(times.holds[11], 1u);
  EXPECT_EQ(times.longest_ns, 1024u);
  EXPECT_EQ(times.total_ns, 2048u);
  HoldTimes sum;
  sum.Add(times);
  sum.Add(times);
  EXPECT_EQ(sum.holds[10], 2u);
  EXPECT_EQ(sum.longest_ns, 1024u);
  EXPECT_EQ(sum.total_ns, 4096u);
}

TEST(HoldTimesTest, KnowsWhichHoldsWereLong) {
  HoldTimes times;
  times.Add(HoldTimes::kLongNs - 1);
  times.Add(HoldTimes::kLongNs);
  HoldTimes sum;
  sum.Add(times);
  times.Add(1);
  times.Add(100'000);
  sum.Add(times);
  EXPECT_EQ(sum.count, 6u);
  std::vector<std::pair<uint64_t, uint64_t>> long_ones;
  for (const auto& [number, ns] : sum.long_holds) long_ones.emplace_back(number, ns);
  EXPECT_EQ(long_ones, (std::vector<std::pair<uint64_t, uint64_t>>{
                           {1, HoldTimes::kLongNs}, {3, HoldTimes::kLongNs}, {5, 100'000}}));
}

}  // namespace
}  // namespace dcs::store
