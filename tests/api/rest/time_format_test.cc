#include "api/rest/time_format.h"

#include <gtest/gtest.h>

#include <limits>

namespace dcs::rest {
namespace {

// From `date -u -d 2020-06-15T02:21:18Z +%s`.
constexpr store::TimeMs kExample = 1'592'187'678'000;

TEST(TimeFormat, WritesTheDocumentsExample) {
  EXPECT_EQ(FormatTime(kExample + 669), "2020-06-15T02:21:18.669Z");
}

TEST(TimeFormat, AlwaysWritesThreeDigitsOfMilliseconds) {
  EXPECT_EQ(FormatTime(kExample), "2020-06-15T02:21:18.000Z");
  EXPECT_EQ(FormatTime(kExample + 7), "2020-06-15T02:21:18.007Z");
  EXPECT_EQ(FormatTime(kExample + 70), "2020-06-15T02:21:18.070Z");
}

TEST(TimeFormat, HandlesLeapDaysAndTimesBeforeTheEpoch) {
  EXPECT_EQ(FormatTime(1'709'164'800'000), "2024-02-29T00:00:00.000Z");
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59.999Z");
}

TEST(TimeFormat, ClampsToFourDigitYears) {
  EXPECT_EQ(FormatTime(std::numeric_limits<store::TimeMs>::max()), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatTime(std::numeric_limits<store::TimeMs>::min()), "0000-01-01T00:00:00.000Z");
}

TEST(TimeFormat, WritesAndReadsTheSignaturesForm) {
  EXPECT_EQ(FormatBasicTime(kExample + 999), "20200615T022118Z");
  EXPECT_EQ(ParseBasicTime("20200615T022118Z"), kExample);
  EXPECT_EQ(ParseBasicTime("19700101T000000Z"), 0);
  EXPECT_EQ(ParseBasicTime("19691231T235959Z"), -1000);
  EXPECT_EQ(ParseBasicTime("20240229T000000Z"), 1'709'164'800'000);
}

TEST(TimeFormat, RefusesOtherSignatureForms) {
  for (const std::string_view text :
       {"", "20200615T022118", "20200615T022118z", "20200615 022118Z", "2020-06-15T02:21:18Z",
        "20200615T022118ZZ", " 0200615T022118Z", "+0200615T022118Z", "20200615T0221-8Z",
        "2020061ST022118Z"}) {
    EXPECT_EQ(ParseBasicTime(text), std::nullopt) << text;
  }
}

TEST(TimeFormat, RefusesDatesAndTimesThatDoNotExist) {
  for (const std::string_view text :
       {"20200015T022118Z", "20201315T022118Z", "20200600T022118Z", "20200631T022118Z",
        "20230229T022118Z", "20200615T242118Z", "20200615T026018Z", "20200615T022160Z"}) {
    EXPECT_EQ(ParseBasicTime(text), std::nullopt) << text;
  }
}

TEST(TimeFormat, WithoutZone_EqualsTheRest) {
  EXPECT_EQ(FormatTimeWithoutZone(1'688'742'005'000), "2023-07-07T15:00:05.000");
}

TEST(TimeFormat, ReadsUtcTimesInClientsForms) {
  constexpr store::TimeMs kWhole = 1'688'742'005'000;  // 2023-07-07T15:00:05
  const std::pair<std::string_view, store::TimeMs> cases[] = {
      {"2023-07-07T15:00:05.000", kWhole},
      {"2023-07-07T15:00:05.000Z", kWhole},
      {"2023-07-07T15:00:05.000z", kWhole},
      {"2023-07-07T15:00:05", kWhole},
      {"2023-07-07T15:00:05Z", kWhole},
      {"2023-07-07T15:00:05+00:00", kWhole},
      {"2023-07-07T15:00:05.5", kWhole + 500},
      {"2023-07-07T15:00:05.12", kWhole + 120},
      {"2023-07-07T15:00:05.123", kWhole + 123},
      {"2023-07-07T15:00:05.1239999Z", kWhole + 123},
      {"2023-07-07T15:00:05.123456+00:00", kWhole + 123},
      {"2024-02-29T23:59:59.999Z", 1'709'251'199'999},
  };
  for (const auto& [text, time] : cases) EXPECT_EQ(ParseUtcTime(text), time) << text;
}

TEST(TimeFormat, HttpDatesNameTheDayOfTheWeek) {
  EXPECT_EQ(FormatHttpDate(1'592'187'678'669), "Mon, 15 Jun 2020 02:21:18 GMT");
  EXPECT_EQ(FormatHttpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(FormatHttpDate(1'709'251'199'999), "Thu, 29 Feb 2024 23:59:59 GMT");
}

TEST(TimeFormat, RefusesOtherUtcForms) {
  for (const std::string_view text : {"",
                                      "2023-07-07",
                                      "2023-07-07T15:00",
                                      "2023-07-07 15:00:05",
                                      "2023-07-07t15:00:05",
                                      "2023-02-29T15:00:05",
                                      "2023-13-07T15:00:05",
                                      "2023-07-07T24:00:00",
                                      "2023-07-07T15:60:05",
                                      "2023-07-07T15:00:60",
                                      "2023-07-07T15:00:05.",
                                      "2023-07-07T15:00:05.Z",
                                      "2023-07-07T15:00:05.1234567890",
                                      "2023-07-07T15:00:05ZZ",
                                      "2023-07-07T15:00:05 Z",
                                      "2023-07-07T15:00:05+08:00",
                                      "2023-07-07T15:00:05-00:00",
                                      "-023-07-07T15:00:05",
                                      "2023-07-07T15:00:05,000",
                                      "20230707T150005Z",
                                      "1688742005"}) {
    EXPECT_EQ(ParseUtcTime(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace dcs::rest
