#include "tools/simulate/figures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace dcs::simulate {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(FiguresTest, ShareText_SmallShare_KeepsDigits) {
  EXPECT_EQ(ShareText(0), "0 %");
  EXPECT_EQ(ShareText(0.00034), "0.034 %");
  EXPECT_EQ(ShareText(0.0005), "0.05 %");
  EXPECT_EQ(ShareText(0.0000034), "0.00034 %");
  EXPECT_EQ(ShareText(0.00000034), "<0.0001 %");
  EXPECT_EQ(ShareText(0.071), "7.1 %");
  EXPECT_EQ(ShareText(1), "100.0 %");
  EXPECT_EQ(ShareText(1.5), "150.0 %");
}

TEST(FiguresTest, ShareText_JustUnderAll_IsNotAll) { EXPECT_EQ(ShareText(0.99999), ">99.9 %"); }

TEST(FiguresTest, DifferenceText_HasItsSign) {
  EXPECT_EQ(DifferenceText(0.05), "+5.0 %");
  EXPECT_EQ(DifferenceText(-0.458), "-45.8 %");
  EXPECT_EQ(DifferenceText(0.0003), "+0.03 %");
  EXPECT_EQ(DifferenceText(0), "0 %");
}

TEST(FiguresTest, DurationText_PicksTheUnit) {
  EXPECT_EQ(DurationText(0), "0 s");
  EXPECT_EQ(DurationText(8.3e-6), "8.3 us");
  EXPECT_EQ(DurationText(0.025), "25 ms");
  EXPECT_EQ(DurationText(0.0049), "4.9 ms");
  EXPECT_EQ(DurationText(75), "75 s");
  EXPECT_EQ(DurationText(720), "12 min");
  EXPECT_EQ(DurationText(749.5), "12.5 min");
  EXPECT_EQ(DurationText(21'600), "6 h");
}

TEST(FiguresTest, MinutesText_KeepsTwoDecimals) {
  EXPECT_EQ(MinutesText(7500), "125.00 min");
  EXPECT_EQ(MinutesText(75), "1.25 min");
  EXPECT_EQ(MinutesText(0.075), "75 ms");
  EXPECT_EQ(MinutesText(0), "0 s");
}

TEST(FiguresTest, BytesText_LessThanOneByte_KeepsDigits) {
  EXPECT_EQ(BytesText(0), "0 B");
  EXPECT_EQ(BytesText(0.3), "0.3 B");
  EXPECT_EQ(BytesText(0.001), "<0.01 B");
  EXPECT_EQ(BytesText(512), "512 B");
  EXPECT_EQ(BytesText(1 << 20), "1.0 MiB");
}

TEST(FiguresTest, CountText_HasCommas) {
  EXPECT_EQ(CountText(0), "0");
  EXPECT_EQ(CountText(0.42), "0.42");
  EXPECT_EQ(CountText(0.001), "<0.01");
  EXPECT_EQ(CountText(7), "7");
  EXPECT_EQ(CountText(3'600), "3,600");
}

// From 1e-12 to 1e12, no figure prints as zero.
TEST(FiguresTest, NonzeroFigure_NeverPrintsAsZero) {
  for (int exponent = -12; exponent <= 12; ++exponent) {
    const double value = 3 * std::pow(10.0, exponent);
    for (const std::string& text : {BytesText(value), ShareText(value), DifferenceText(value),
                                    DurationText(value), MinutesText(value), CountText(value)}) {
      EXPECT_NE(text.find_first_of("123456789"), std::string::npos) << value << ": " << text;
    }
  }
}

TEST(FiguresTest, NotFinite_PrintsADash) {
  for (const double value : {kInfinity, -kInfinity, std::nan("")}) {
    for (const std::string& text : {BytesText(value), ShareText(value), DifferenceText(value),
                                    DurationText(value), MinutesText(value), CountText(value)}) {
      EXPECT_EQ(text, "-");
    }
  }
}

}  // namespace
}  // namespace dcs::simulate
