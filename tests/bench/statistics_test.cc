#include "bench/side_by_side/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace dcs::bench {
namespace {

// n down to 1.
std::vector<double> UpTo(int n) {
  std::vector<double> values;
  for (; n > 0; --n) values.push_back(n);
  return values;
}

TEST(StatisticsTest, Median_IsTheMiddleValueInAnyOrder) {
  EXPECT_EQ(Median({7}), 7);
  EXPECT_EQ(Median({9, 1, 5}), 5);
  EXPECT_EQ(Median(UpTo(101)), 51);
}

TEST(StatisticsTest, Median_EvenCount_IsTheMeanOfTheMiddleTwo) {
  EXPECT_EQ(Median({4, 1}), 2.5);
  EXPECT_EQ(Median({1, 100, 3, 2}), 2.5);
}

TEST(StatisticsTest, Percentile_IsOneOfTheValues) {
  EXPECT_EQ(Percentile(UpTo(1000), 50), 500);
  EXPECT_EQ(Percentile(UpTo(1000), 99), 990);
  EXPECT_EQ(Percentile(UpTo(1000), 99.9), 999);
  EXPECT_EQ(Percentile(UpTo(100'000), 99.9), 99'900);
  EXPECT_EQ(Percentile({10, 20}, 50), 10);
  EXPECT_EQ(Percentile({10, 20}, 50.1), 20);
}

TEST(StatisticsTest, Percentiles_EndAtTheExtremes) {
  EXPECT_EQ(Percentile(UpTo(10), 0), 1);
  EXPECT_EQ(Percentile(UpTo(10), 100), 10);
  EXPECT_EQ(Percentile({3}, 99.9), 3);
}

TEST(StatisticsTest, NoValues_IsNaN) {
  EXPECT_TRUE(std::isnan(Median({})));
  EXPECT_TRUE(std::isnan(Percentile({}, 50)));
}

}  // namespace
}  // namespace dcs::bench
