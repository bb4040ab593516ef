#include "tools/simulate/distribution.h"

#include <gtest/gtest.h>

namespace dcs::simulate {
namespace {

double MeanOfDraws(const Distribution& distribution) {
  Random random(7);
  double sum = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) sum += Draw(distribution, random);
  return sum / kDraws;
}

TEST(DistributionTest, DrawsHaveTheMeanThatIsReckoned) {
  for (const Distribution& distribution :
       {Distribution(Constant{3}), Distribution(Uniform{10, 20}),
        Distribution(Normal{50, 5, {0, 100}}), Distribution(Lognormal{10, 0.5, {0, 1e6}}),
        Distribution(Exponential{30, {0, 1e6}}), Distribution(Choice{{{1, 3}, {5, 1}}})}) {
    EXPECT_NEAR(MeanOfDraws(distribution) / Mean(distribution), 1, 0.02);
  }
}

TEST(DistributionTest, StaysWithinItsBounds) {
  Random random(1);
  const Distribution normal = Normal{10, 100, {5, 15}};
  for (int i = 0; i < 1000; ++i) {
    const double drawn = Draw(normal, random);
    EXPECT_GE(drawn, 5);
    EXPECT_LE(drawn, Most(normal));
  }
}

TEST(DistributionTest, SameSeedSameDraws) {
  Random first(5), second(5), other(6);
  const Distribution normal = Normal{0, 1, {-100, 100}};
  const double drawn = Draw(normal, first);
  EXPECT_EQ(drawn, Draw(normal, second));
  EXPECT_NE(drawn, Draw(normal, other));
}

}  // namespace
}  // namespace dcs::simulate
