#include "scanner/pacing.h"

#include <gtest/gtest.h>

#include "tests/store/seeded.h"

namespace dcs::scanner {
namespace {

TEST(PacingTest, DefaultsAreThoseOfTheDcsGuide) {
  const Pacing pacing;
  EXPECT_EQ(pacing.step_interval_ms, 5);
  EXPECT_EQ(pacing.keys_per_step, 100);
  EXPECT_EQ(pacing.timeout_ms, 21'600'000);
}

TEST(PacingTest, ExactSteps_KeepTheBudget) {
  PaceKeeper pace(Pacing{});
  for (int step = 0; step < 100; ++step) {
    EXPECT_EQ(pace.NextBudget(), 100u);
    pace.Spend(100);
  }
}

TEST(PacingTest, Overshoot_ShrinksLaterBudgets) {
  PaceKeeper pace(Pacing{.keys_per_step = 10});
  EXPECT_EQ(pace.NextBudget(), 10u);
  pace.Spend(35);
  EXPECT_EQ(pace.NextBudget(), 0u);
  EXPECT_EQ(pace.NextBudget(), 0u);
  EXPECT_EQ(pace.NextBudget(), 5u);
}

TEST(PacingTest, AnyOvershoot_KeepsTheAverage) {
  dcs::SeededRandom random(dcs::TestSeed(31));
  for (const int64_t keys_per_step : {1, 7, 100, 1'000}) {
    PaceKeeper pace(Pacing{.keys_per_step = keys_per_step});
    constexpr int kSteps = 10'000;
    uint64_t visited = 0;
    for (int step = 0; step < kSteps; ++step) {
      const size_t budget = pace.NextBudget();
      if (budget == 0) continue;
      const size_t taken = budget + random.Below(30);
      pace.Spend(taken);
      visited += taken;
    }
    const uint64_t due = static_cast<uint64_t>(keys_per_step) * kSteps;
    EXPECT_GE(visited, due);
    EXPECT_LT(visited, due + 30);
  }
}

}  // namespace
}  // namespace dcs::scanner
