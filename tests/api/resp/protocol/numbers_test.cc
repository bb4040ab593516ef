#include "api/resp/protocol/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace dcs::resp {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

TEST(ParseInteger, TakesTheWholeRangeInItsOnlySpelling) {
  EXPECT_EQ(ParseInteger("0"), 0);
  EXPECT_EQ(ParseInteger("-1"), -1);
  EXPECT_EQ(ParseInteger("9223372036854775807"), kMost);
  EXPECT_EQ(ParseInteger("-9223372036854775808"), kLeast);
}

TEST(ParseInteger, RefusesEverythingElse) {
  for (const char* text :
       {"", "-", "+1", " 1", "1 ", "01", "-0", "-01", "1.0", "1e3", "0x1", "abc",
        "9223372036854775808", "-9223372036854775809", "99999999999999999999999"}) {
    EXPECT_FALSE(ParseInteger(text)) << text;
  }
  EXPECT_FALSE(ParseInteger(std::string_view("1\0", 2)));
}

TEST(ParseFloat, TakesWhatStrtoldTakesAsAWhole) {
  EXPECT_EQ(ParseFloat("1.5"), 1.5L);
  EXPECT_EQ(ParseFloat("-3e2"), -300.0L);
  EXPECT_EQ(ParseFloat("0x10"), 16.0L);
  EXPECT_TRUE(std::isinf(*ParseFloat("inf")));
  for (const char* text : {"", " 1", "1 ", "nan", "1.5x", "1e99999"}) {
    EXPECT_FALSE(ParseFloat(text)) << text;
  }
}

TEST(FormatFloat, WritesUpTo17DigitsWithoutTrailingZeros) {
  EXPECT_EQ(FormatFloat(10.5L), "10.5");
  EXPECT_EQ(FormatFloat(5000.0L), "5000");
  EXPECT_EQ(FormatFloat(-0.0L), "0");
  EXPECT_EQ(FormatFloat(0.1L + 0.2L), "0.3");
  EXPECT_EQ(FormatFloat(100.0L), "100");
}

TEST(IntegerText, WritesTheWholeRange) {
  EXPECT_EQ(IntegerText(kLeast).view(), "-9223372036854775808");
  EXPECT_EQ(IntegerText(kMost).view(), "9223372036854775807");
  EXPECT_EQ(IntegerText(0).view(), "0");
}

}  // namespace
}  // namespace dcs::resp
