#include "tools/simulate/distribution.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dcs::simulate {
namespace {

struct Drawn {
  double mean = 0, deviation = 0, share_above = 0;
};

// Draws a million values. `share_above`: the share of draws above `limit`.
Drawn DrawMany(const Distribution& distribution, double limit) {
  Random random(7);
  double sum = 0, squares = 0;
  constexpr int kDraws = 1'000'000;
  int above = 0;
  const double center = Mean(distribution);
  for (int i = 0; i < kDraws; ++i) {
    const double drawn = Draw(distribution, random);
    sum += drawn - center;
    squares += (drawn - center) * (drawn - center);
    above += drawn > limit;
  }
  const double off = sum / kDraws;
  return {center + off, std::sqrt(squares / kDraws - off * off),
          static_cast<double>(above) / kDraws};
}

// Distributions with bounds that cut little or nothing, on one side or both, inside and outside the
// bulk.
const Distribution kAll[] = {
    Constant{3},
    Uniform{10, 20},
    Normal{50, 5, {0, 100}},
    Normal{10, 1e6, {0, 6e7}},
    Normal{10, 100, {5, 15}},
    Normal{10, 1e9, {0, 40}},
    Normal{1000, 10, {0, 40}},
    Normal{0, 10, {15, 40}},
    Normal{1e9, 3, {0, 1e9}},
    Normal{20, 0, {0, 15}},
    Lognormal{10, 0.5, {0, 1e6}},
    Lognormal{500, 0.8, {50, 5000}},
    Lognormal{10, 5, {0, 1000}},
    Lognormal{10, 1, {30, 1e6}},
    Lognormal{1e6, 1, {0, 100}},
    Lognormal{10, 0, {0, 100}},
    Exponential{30, {0, 1e6}},
    Exponential{30, {0, 10}},
    Exponential{100, {0, 10}},
    Exponential{30, {40, 100}},
    Choice{{{1, 3}, {5, 1}}},
    Choice{{{1, 1e12}, {5, 1e-12}}},
};

TEST(DistributionTest, MeanAndDeviation_MatchAMillionDraws) {
  for (size_t i = 0; i < std::size(kAll); ++i) {
    const Drawn drawn = DrawMany(kAll[i], Most(kAll[i]));
    const double error = 6 * Deviation(kAll[i]) / 1000;  // six deviations of the mean of the draws
    EXPECT_NEAR(drawn.mean, Mean(kAll[i]), error + 1e-9 * drawn.mean) << i;
    EXPECT_NEAR(drawn.deviation, Deviation(kAll[i]), 0.02 * drawn.deviation + 1e-6) << i;
    EXPECT_EQ(drawn.share_above, 0) << i;
  }
}

TEST(DistributionTest, Mean_CountsTheCutToTheBounds) {
  // Half of the draws are 0, the other half come from half a normal distribution.
  EXPECT_NEAR(Mean(Normal{10, 1e6, {0, 6e7}}), 1e6 / std::sqrt(2 * M_PI) + 5, 1);
  EXPECT_NEAR(Mean(Normal{10, 1e9, {0, 40}}), 20, 0.001);
  EXPECT_NEAR(Mean(Lognormal{10, 10, {0, 20}}), 10.3, 0.2);
  EXPECT_NEAR(Mean(Exponential{1e9, {0, 10}}), 10, 0.001);
}

TEST(DistributionTest, ExceededBy_IsExceededNoMoreOften) {
  for (size_t i = 0; i < std::size(kAll); ++i) {
    for (const double chance : {0.5, 0.01, 1e-4}) {
      const double limit = ExceededBy(kAll[i], chance);
      EXPECT_LE(limit, Most(kAll[i])) << i;
      const double noise = 5 * std::sqrt(chance / 1e6);
      EXPECT_LE(DrawMany(kAll[i], limit).share_above, chance + noise) << i << ", " << chance;
    }
  }
  EXPECT_NEAR(ExceededBy(Normal{0, 1, {0, 1e9}}, 0.158655), 1, 1e-4);
  EXPECT_NEAR(ExceededBy(Lognormal{500, 0.8, {0, 1e12}}, 1e-12), 500 * std::exp(0.8 * 7.0344838),
              1);
}

TEST(DistributionTest, AtLeast_RaisesSmallerDraws) {
  for (size_t i = 0; i < std::size(kAll); ++i) {
    const double least = Mean(kAll[i]);
    const Distribution raised = AtLeast(kAll[i], least);
    Random random(3), again(3);
    for (int draw = 0; draw < 100; ++draw) {
      EXPECT_GE(Draw(raised, random), std::max(Draw(kAll[i], again), least) * (1 - 1e-12)) << i;
    }
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
