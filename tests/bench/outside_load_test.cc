#include "bench/side_by_side/outside_load.h"

#include <gtest/gtest.h>

namespace dcs::bench {
namespace {

constexpr std::string_view kStat =
    "cpu  1 2 3 4 5 6 7 8 9 10\n"
    "cpu0 100 0 50 700 50 10 20 70 5 5\n"
    "cpu1 200 10 0 790 0 0 0 0 0 0\n"
    "cpu10 1 1 1 1 1 1 1 1 1 1\n"
    "intr 12345\n";

TEST(OutsideLoadTest, Busy_ExcludesIdleAndWaiting) {
  const ProcessorTime time = ReadProcessorTime(kStat, {0}, 100);
  EXPECT_DOUBLE_EQ(time.total, 10);
  EXPECT_DOUBLE_EQ(time.busy, 2.5);
}

TEST(OutsideLoadTest, CountsOnlyTheGivenProcessors) {
  const ProcessorTime both = ReadProcessorTime(kStat, {1, 0}, 100);
  EXPECT_DOUBLE_EQ(both.total, 20);
  EXPECT_DOUBLE_EQ(both.busy, 4.6);
  EXPECT_DOUBLE_EQ(ReadProcessorTime(kStat, {7}, 100).total, 0);
}

TEST(OutsideLoadTest, IsAShareOfTheTimeSinceItsStart) {
  const OutsideLoad load({0});
  EXPECT_GE(load.Percent(), 0);
  EXPECT_LE(load.Percent(), 100);
}

}  // namespace
}  // namespace dcs::bench
