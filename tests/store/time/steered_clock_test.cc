#include "store/time/steered_clock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace dcs::store {
namespace {

int64_t real_ns = 0;
int64_t FakeNanos() { return real_ns; }
void PassReal(int64_t ms) { real_ns += ms * 1'000'000; }

constexpr TimeMs kStart = 1'592'187'678'669;

TEST(SteeredClock, StandsStillWithoutARate) {
  SteeredClock clock(kStart, FakeNanos);
  PassReal(5'000);
  EXPECT_EQ(clock.Now(), kStart);
  clock.RaiseGoal(kStart + 10);
  EXPECT_EQ(clock.Now(), kStart + 10);
  clock.RaiseGoal(kStart);
  EXPECT_EQ(clock.Now(), kStart + 10);
}

TEST(SteeredClock, RunsAtItsRateAndGoesOnFromWhereItIs) {
  SteeredClock clock(kStart, FakeNanos);
  clock.SetRate(60, clock.Now());
  PassReal(1'000);
  EXPECT_EQ(clock.Now(), kStart + 60'000);
  clock.SetRate(0.5, clock.Now());
  PassReal(1'000);
  EXPECT_EQ(clock.Now(), kStart + 60'500);
  EXPECT_EQ(clock.RealNanosUntil(kStart + 61'000), 1'000'000'000);
  clock.SetRate(0, clock.Now());
  PassReal(1'000);
  EXPECT_EQ(clock.Now(), kStart + 60'500);
}

TEST(SteeredClock, StopsAtItsLimitAndCatchesUpUnlessToldToForget) {
  SteeredClock clock(kStart, FakeNanos);
  clock.SetRate(1, clock.Now());
  clock.SetLimit(kStart + 100);
  PassReal(300);
  EXPECT_EQ(clock.Now(), kStart + 100);
  EXPECT_EQ(clock.goal(), kStart + 300);
  clock.SetLimit(kStart + 200);
  EXPECT_EQ(clock.Now(), kStart + 200);
  clock.ForgetLag();
  clock.SetLimit(kStart + 1'000);
  EXPECT_EQ(clock.Now(), kStart + 200);
  PassReal(1);
  EXPECT_EQ(clock.Now(), kStart + 201);
}

TEST(SteeredClock, ALimitInThePastDoesNotTurnItBack) {
  SteeredClock clock(kStart, FakeNanos);
  clock.RaiseGoal(kStart + 100);
  clock.SetLimit(kStart);
  EXPECT_EQ(clock.Now(), kStart + 100);
}

TEST(SteeredClock, EndsIn2100) {
  SteeredClock clock(kStart, FakeNanos);
  clock.RaiseGoal(INT64_MAX);
  EXPECT_EQ(clock.Now(), SteeredClock::kEnd);
  clock.Restart();
  EXPECT_EQ(clock.Now(), kStart);
  clock.SetRate(1e5, clock.Now());
  PassReal(int64_t{365} * 86'400'000);
  EXPECT_EQ(clock.Now(), SteeredClock::kEnd);
}

TEST(SteeredClock, NeverGoesBackwardsOnAnyThreadHoweverItIsSteered) {
  SteeredClock clock(kStart);
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      TimeMs latest = 0;
      while (!done) {
        const TimeMs now = clock.Now();
        ASSERT_GE(now, latest);
        latest = now;
      }
    });
  }
  for (int i = 0; i < 20'000; ++i) {
    clock.SetRate(i % 3 * 1'000, clock.Now());
    clock.SetLimit(clock.Now() + i % 50);
    clock.RaiseGoal(clock.Now() + i % 7);
    if (i % 5 == 0) clock.ForgetLag();
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace dcs::store
