#include "tools/simulate/levels.h"

#include <gtest/gtest.h>

namespace dcs::simulate {
namespace {

TEST(LevelsTest, WeighsSamplesByTheirTime) {
  // 100 for a moment, 10 for the rest of a hundred seconds.
  const Levels levels = LevelsOf({0, 100, 200, 100'000}, {10, 100, 10, 10}, 0);
  EXPECT_NEAR(levels.mean, 10.09, 0.001);
  EXPECT_EQ(levels.p99, 10);
  EXPECT_EQ(levels.peak, 100);
  EXPECT_EQ(levels.end, 10);
}

TEST(LevelsTest, IgnoresEarlierSamples) {
  const Levels levels = LevelsOf({0, 1000, 2000}, {500, 20, 40}, 1000);
  EXPECT_EQ(levels.peak, 40);
  EXPECT_EQ(levels.mean, 30);
}

TEST(LevelsTest, OneSample_IsMeanAndPeak) {
  const Levels levels = LevelsOf({0, 1000}, {7, 50}, 1000);
  EXPECT_EQ(levels.mean, 50);
  EXPECT_EQ(levels.peak, 50);
  EXPECT_EQ(levels.p99, 50);
}

}  // namespace
}  // namespace dcs::simulate
