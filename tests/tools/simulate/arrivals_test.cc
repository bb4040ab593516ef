#include "tools/simulate/arrivals.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tools/simulate/node_cpu.h"

namespace dcs::simulate {
namespace {

constexpr store::TimeMs kHour = 3'600'000;

uint64_t CountUntil(const RatePlan& plan, store::TimeMs from, store::TimeMs until) {
  Arrivals arrivals(plan, 1);
  uint64_t count = 0;
  int64_t last = 0;
  for (int64_t at = arrivals.NextNs(until); at != kNever; at = arrivals.NextNs(until)) {
    EXPECT_GE(at, last);
    last = at;
    count += at >= from * kNsPerMs;
  }
  return count;
}

// Within four standard deviations of the count of a Poisson process.
void ExpectNear(uint64_t count, double expected) {
  EXPECT_NEAR(static_cast<double>(count), expected, 4 * std::sqrt(expected) + 1);
}

TEST(ArrivalsTest, ComeAtTheirRate) {
  RatePlan plan;
  plan.per_second = 1000;
  ExpectNear(CountUntil(plan, 0, 60'000), 60'000);
  EXPECT_DOUBLE_EQ(ExpectedArrivals(plan, 60'000), 60'000);
}

TEST(ArrivalsTest, GapsAreExponential) {
  RatePlan plan;
  plan.per_second = 100;
  Arrivals arrivals(plan, 7);
  double sum = 0, squares = 0;
  int64_t last = 0;
  constexpr int kGaps = 100'000;
  for (int i = 0; i < kGaps; ++i) {
    const int64_t at = arrivals.NextNs(10 * kHour);
    const double gap = static_cast<double>(at - last) / 1e9;
    last = at;
    sum += gap;
    squares += gap * gap;
  }
  const double mean = sum / kGaps;
  EXPECT_NEAR(mean, 0.01, 0.0002);
  EXPECT_NEAR(squares / kGaps - mean * mean, mean * mean, 0.05 * mean * mean);
}

TEST(ArrivalsTest, FollowHourlyRates) {
  RatePlan plan;
  plan.per_second = 1;
  plan.hourly.assign(24, 0);
  plan.hourly[0] = 2;
  plan.midnight_ms = kHour;  // the scenario starts at 23:00
  EXPECT_EQ(CountUntil(plan, 0, kHour), 0u);
  ExpectNear(CountUntil(plan, kHour, 2 * kHour), 7200);
  EXPECT_EQ(CountUntil(plan, 2 * kHour, 25 * kHour), 0u);
  EXPECT_DOUBLE_EQ(ExpectedArrivals(plan, 26 * kHour), 2 * 7200);
}

TEST(ArrivalsTest, BurstOnceOrRepeatedly) {
  RatePlan plan;
  plan.per_second = 10;
  plan.bursts = Bursts{.first_ms = 10'000, .lasting_ms = 5'000, .times = 100};
  EXPECT_EQ(RateAt(plan, 9'999), 10);
  EXPECT_EQ(RateAt(plan, 10'000), 1000);
  EXPECT_EQ(RateAt(plan, 15'000), 10);
  EXPECT_EQ(NextChange(plan, 0), 10'000);
  EXPECT_EQ(NextChange(plan, 10'000), 15'000);
  EXPECT_DOUBLE_EQ(ExpectedArrivals(plan, 100'000), 95 * 10 + 5 * 1000);
  plan.bursts->every_ms = 20'000;
  EXPECT_EQ(RateAt(plan, 32'000), 1000);
  EXPECT_EQ(NextChange(plan, 15'000), 30'000);
  ExpectNear(CountUntil(plan, 0, 100'000), 75 * 10 + 25 * 1000);
}

TEST(ArrivalsTest, NoArrivalOutsideStartAndEnd) {
  RatePlan plan;
  plan.per_second = 100;
  plan.starts_ms = 5'000;
  plan.ends_ms = 6'000;
  Arrivals arrivals(plan, 3);
  EXPECT_GE(arrivals.NextNs(kHour), 5'000 * kNsPerMs);
  ExpectNear(CountUntil(plan, 0, kHour), 100);
}

TEST(ArrivalsTest, IdleStream_CostsOneStep) {
  const RatePlan idle;
  Arrivals arrivals(idle, 1);
  EXPECT_EQ(arrivals.NextNs(int64_t{1} << 40), kNever);
}

}  // namespace
}  // namespace dcs::simulate
