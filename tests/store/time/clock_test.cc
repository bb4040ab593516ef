#include "store/time/clock.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace dcs::store {
namespace {

TEST(ClockTest, TheVirtualClockStandsStillUntilItIsMoved) {
  VirtualClock clock(1'000);
  EXPECT_EQ(clock.Now(), 1'000);
  EXPECT_EQ(clock.Now(), 1'000);
  clock.AdvanceTo(1'000);
  EXPECT_EQ(clock.Now(), 1'000);
  clock.AdvanceTo(2'500);
  EXPECT_EQ(clock.Now(), 2'500);
}

TEST(ClockTest, TheWallClockCountsMillisecondsOfThisCentury) {
  const WallClock clock;
  const TimeMs year = TimeMs{365} * 86'400'000;
  EXPECT_GT(clock.Now(), 50 * year);
  EXPECT_LT(clock.Now(), 131 * year);
}

TEST(ClockTest, TheWallClockNeverGoesBackwardsOnAnyThread) {
  const WallClock clock;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&clock] {
      TimeMs latest = 0;
      for (int read = 0; read < 20'000; ++read) {
        const TimeMs now = clock.Now();
        ASSERT_GE(now, latest);
        latest = now;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace dcs::store
