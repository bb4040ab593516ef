#include "tools/simulate/delays.h"

#include <gtest/gtest.h>

#include <limits>

namespace dcs::simulate {
namespace {

TEST(DelaysTest, QuantilesAreAccurateToASixtyFourth) {
  Delays delays;
  for (int64_t us = 1; us <= 10'000; ++us) delays.Add(us * 1000);
  EXPECT_EQ(delays.count(), 10'000u);
  EXPECT_NEAR(delays.MeanUs(), 5000.5, 0.001);
  EXPECT_NEAR(delays.QuantileUs(0.5), 5000, 5000.0 / 64);
  EXPECT_NEAR(delays.QuantileUs(0.99), 9900, 9900.0 / 64);
  EXPECT_NEAR(delays.QuantileUs(0.999), 9990, 9990.0 / 64);
  EXPECT_EQ(delays.LongestUs(), 10'000);
  EXPECT_LE(delays.QuantileUs(1), 10'000);
}

TEST(DelaysTest, OneDelay_IsEveryQuantile) {
  for (const int64_t ns : {int64_t{0}, int64_t{1}, int64_t{63}, int64_t{64}, int64_t{127},
                           int64_t{128}, int64_t{1'000'000'007}}) {
    Delays delays;
    delays.Add(ns);
    const double us = static_cast<double>(ns) / 1000;
    EXPECT_NEAR(delays.QuantileUs(0), us, us / 64) << ns;
    EXPECT_NEAR(delays.QuantileUs(1), us, us / 64) << ns;
  }
}

TEST(DelaysTest, TakesTheLongestDelay) {
  Delays delays;
  delays.Add(std::numeric_limits<int64_t>::max());
  delays.Add(-5);  // counts as none
  EXPECT_NEAR(delays.QuantileUs(1), 9.2e15, 0.2e15);
  EXPECT_EQ(delays.QuantileUs(0.5), 0);
}

TEST(DelaysTest, NoDelays_QuantileIsZero) {
  Delays delays;
  EXPECT_EQ(delays.QuantileUs(0.99), 0);
  delays.Add(5000);
  delays.Reset();
  EXPECT_EQ(delays.count(), 0u);
  EXPECT_EQ(delays.LongestUs(), 0);
}

}  // namespace
}  // namespace dcs::simulate
