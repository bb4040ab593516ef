#include "tools/simulate/release_curve.h"

#include <gtest/gtest.h>

namespace dcs::simulate {
namespace {

TEST(ReleaseCurveTest, FindsMarksAmongMillionsOfPoints) {
  ReleaseCurve curve;
  constexpr uint64_t kKeys = 1'000'000;
  for (uint64_t i = 1; i <= kKeys; ++i) curve.Add(static_cast<store::TimeMs>(5 * i), i);
  EXPECT_NEAR(static_cast<double>(*curve.When(kKeys / 2)) / (5.0 * kKeys / 2), 1, 0.001);
  EXPECT_EQ(curve.When(kKeys), 5 * kKeys);
  EXPECT_FALSE(curve.When(kKeys + 1));
}

TEST(ReleaseCurveTest, KnowsNothingBeforeTheFirstRelease) {
  ReleaseCurve curve;
  curve.Add(100, 0);
  EXPECT_FALSE(curve.When(1));
  curve.Add(200, 3);
  EXPECT_EQ(curve.When(1), 200);
}

}  // namespace
}  // namespace dcs::simulate
