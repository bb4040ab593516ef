#include "bench/side_by_side/cores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dcs::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<int> Alone(int processor) { return {processor}; }

// Processors 0 and 4, 1 and 5 and so on are hyperthreads of one core.
std::vector<int> FourCores(int processor) { return {processor % 4, processor % 4 + 4}; }

TEST(CoresTest, TwoProcessors_OnePerSide) {
  const Cores cores = ChooseCores({0, 1}, Alone);
  EXPECT_THAT(cores.server, ElementsAre(1));
  EXPECT_EQ(cores.client, 0);
  EXPECT_FALSE(cores.shared());
}

TEST(CoresTest, OneProcessor_IsRemarked) {
  const Cores cores = ChooseCores({3}, Alone);
  EXPECT_THAT(cores.server, ElementsAre(3));
  EXPECT_EQ(cores.client, 3);
  EXPECT_TRUE(cores.shared());
  EXPECT_THAT(cores.remark, HasSubstr("one processor only"));
}

TEST(CoresTest, Client_IsNotAHyperthreadOfTheServersCore) {
  EXPECT_EQ(ChooseCores({3, 6, 7}, FourCores).client, 6);
  EXPECT_EQ(ChooseCores({0, 1, 2, 3, 4, 5, 6, 7}, FourCores).client, 0);
}

TEST(CoresTest, OneCore_UsesBothHyperthreads) {
  const Cores cores = ChooseCores({3, 7}, FourCores);
  EXPECT_EQ(cores.client, 3);
  EXPECT_FALSE(cores.shared());
  EXPECT_THAT(cores.remark, HasSubstr("hyperthreads"));
}

TEST(CoresTest, ParsesTheKernelsLists) {
  EXPECT_THAT(ParseProcessorList("0-2,5"), ElementsAre(0, 1, 2, 5));
  EXPECT_THAT(ParseProcessorList("7"), ElementsAre(7));
  EXPECT_TRUE(ParseProcessorList("").empty());
}

}  // namespace
}  // namespace dcs::bench
