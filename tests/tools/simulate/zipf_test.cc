#include "tools/simulate/zipf.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace dcs::simulate {
namespace {

// Draws many ranks and compares each rank's share with 1 / k^s over the sum of all.
void ExpectShares(double exponent, uint64_t ranks) {
  constexpr int kDraws = 400'000;
  const Zipf zipf(exponent);
  Random random(11);
  std::vector<double> seen(ranks);
  for (int i = 0; i < kDraws; ++i) {
    const uint64_t rank = zipf.Draw(ranks, random);
    ASSERT_LT(rank, ranks);
    ++seen[rank];
  }
  double sum = 0;
  for (uint64_t k = 1; k <= ranks; ++k) sum += std::pow(static_cast<double>(k), -exponent);
  for (uint64_t k = 1; k <= ranks; ++k) {
    const double expected = kDraws * std::pow(static_cast<double>(k), -exponent) / sum;
    EXPECT_NEAR(seen[k - 1], expected, 5 * std::sqrt(expected) + 1) << "rank " << k;
  }
}

TEST(ZipfTest, SharesFallWithTheRank) {
  for (const double exponent : {0.2, 0.99, 1.0, 1.5, 4.0}) {
    SCOPED_TRACE(exponent);
    ExpectShares(exponent, 50);
  }
}

TEST(ZipfTest, OneRank_IsAlwaysDrawn) {
  const Zipf zipf(0.9);
  Random random(1);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(zipf.Draw(1, random), 0u);
}

TEST(ZipfTest, ReachesTheLastOfManyRanks) {
  const Zipf zipf(0.01);
  Random random(1);
  constexpr uint64_t kRanks = 1'000'000'000;
  uint64_t most = 0;
  for (int i = 0; i < 1000; ++i) most = std::max(most, zipf.Draw(kRanks, random));
  EXPECT_GT(most, kRanks * 9 / 10);
  EXPECT_LT(most, kRanks);
}

}  // namespace
}  // namespace dcs::simulate
