#include "tools/simulate/release_curve.h"

#include <gtest/gtest.h>

namespace dcs::simulate {
namespace {

TEST(ReleaseCurveTest, FindsMarksAmongMillionsOfPoints) {
  ReleaseCurve curve;
  constexpr uint64_t kKeys = 1'000'000;
  for (uint64_t i = 1; i <= kKeys; ++i)
    curve.Add({static_cast<store::TimeMs>(5 * i), i, static_cast<int64_t>(7 * i)});
  EXPECT_NEAR(static_cast<double>(curve.When(kKeys / 2)->at) / (5.0 * kKeys / 2), 1, 0.001);
  EXPECT_EQ(curve.When(kKeys)->at, static_cast<store::TimeMs>(5 * kKeys));
  EXPECT_EQ(curve.When(kKeys)->done_ns, static_cast<int64_t>(7 * kKeys));
  EXPECT_FALSE(curve.When(kKeys + 1));
}

TEST(ReleaseCurveTest, BeforeTheFirstRelease_IsEmpty) {
  ReleaseCurve curve;
  curve.Add({100, 0, 1});
  EXPECT_FALSE(curve.When(1));
  curve.Add({200, 3, 2});
  EXPECT_EQ(curve.When(1)->at, 200);
}

}  // namespace
}  // namespace dcs::simulate
