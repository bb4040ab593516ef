#include "bench/side_by_side/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace dcs::bench {
namespace {

// 1, 2 ... n, from the largest down.
std::vector<double> UpTo(int n) {
  std::vector<double> values;
  for (; n > 0; --n) values.push_back(n);
  return values;
}

TEST(StatisticsTest, TheMedianIsTheMiddleValueWhateverTheOrder) {
  EXPECT_EQ(Median({7}), 7);
  EXPECT_EQ(Median({9, 1, 5}), 5);
  EXPECT_EQ(Median(UpTo(101)), 51);
}

TEST(StatisticsTest, TheMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo) {
  EXPECT_EQ(Median({4, 1}), 2.5);
  EXPECT_EQ(Median({1, 100, 3, 2}), 2.5);
}

TEST(StatisticsTest, APercentileIsOneOfTheValues) {
  EXPECT_EQ(Percentile(UpTo(1000), 50), 500);
  EXPECT_EQ(Percentile(UpTo(1000), 99), 990);
  EXPECT_EQ(Percentile(UpTo(1000), 99.9), 999);
  EXPECT_EQ(Percentile(UpTo(100'000), 99.9), 99'900);
  EXPECT_EQ(Percentile({10, 20}, 50), 10);
  EXPECT_EQ(Percentile({10, 20}, 50.1), 20);
}

TEST(StatisticsTest, PercentilesEndAtTheSmallestAndTheLargestValue) {
  EXPECT_EQ(Percentile(UpTo(10), 0), 1);
  EXPECT_EQ(Percentile(UpTo(10), 100), 10);
  EXPECT_EQ(Percentile({3}, 99.9), 3);
}

TEST(StatisticsTest, OfNoValuesThereIsNone) {
  EXPECT_TRUE(std::isnan(Median({})));
  EXPECT_TRUE(std::isnan(Percentile({}, 50)));
}

}  // namespace
}  // namespace dcs::bench
