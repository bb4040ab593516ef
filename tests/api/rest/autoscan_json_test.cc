#include "api/rest/autoscan_json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace dcs::rest {
namespace {

constexpr store::TimeMs kNow = 1'688'742'004'000;  // 2023-07-07T15:00:04Z

Json Complete() {
  return {{"enable_auto_scan", true},
          {"first_scan_at", "2023-07-07T15:00:05.000"},
          {"interval", 3600},
          {"timeout", 7200},
          {"scan_keys_count", 100}};
}

scanner::AutoScanConfig Parsed(const Json& body, const scanner::AutoScanConfig& current = {}) {
  const auto config = ParseAutoscanConfig(body, current, kNow);
  if (const auto* error = std::get_if<ApiError>(&config)) {
    ADD_FAILURE() << Message(*error);
    return {};
  }
  return std::get<scanner::AutoScanConfig>(config);
}

// The code and the message of the refusal.
std::string Refusal(const Json& body, const scanner::AutoScanConfig& current = {}) {
  const auto config = ParseAutoscanConfig(body, current, kNow);
  const auto* error = std::get_if<ApiError>(&config);
  if (error == nullptr) return "none";
  return std::string(Row(error->id).code) + " " + Message(*error);
}

Json With(const char* name, Json value) {
  Json body = Complete();
  body[name] = std::move(value);
  return body;
}

TEST(AutoscanJson, Unconfigured_TimesAreAbsent) {
  EXPECT_EQ(AutoscanConfigJson("an-id", {}).dump(),
            R"({"instance_id":"an-id","enable_auto_scan":false,"interval":86400,)"
            R"("timeout":172800,"scan_keys_count":50})");
}

TEST(AutoscanJson, ShowsTheConfiguration) {
  scanner::AutoScanConfig config = Parsed(Complete());
  config.updated_at = kNow;
  EXPECT_EQ(AutoscanConfigJson("an-id", config).dump(),
            R"({"instance_id":"an-id","enable_auto_scan":true,)"
            R"("first_scan_at":"2023-07-07T15:00:05.000","interval":3600,"timeout":7200,)"
            R"("scan_keys_count":100,"updated_at":"2023-07-07T15:00:04.000Z"})");
}

TEST(AutoscanJson, ReadsEveryMember) {
  const scanner::AutoScanConfig config = Parsed(Complete());
  EXPECT_TRUE(config.enabled);
  EXPECT_EQ(config.first_scan_at, kNow + 1'000);
  EXPECT_EQ(config.interval_s, 3'600);
  EXPECT_EQ(config.timeout_s, 7'200);
  EXPECT_EQ(config.keys_per_step, 100);
}

TEST(AutoscanJson, EnableAutoScanTrue_RequiresTheOtherMembers) {
  for (const char* name : {"first_scan_at", "interval", "timeout", "scan_keys_count"}) {
    const std::string expected =
        std::string("DCS.4062 Invalid ") + name + " parameter in the request.";
    Json body = Complete();
    body.erase(name);
    EXPECT_EQ(Refusal(body), expected);
    EXPECT_EQ(Refusal(With(name, nullptr)), expected);
  }
  for (const Json& value : {Json("true"), Json(1), Json::array()}) {
    EXPECT_EQ(Refusal(With("enable_auto_scan", value)),
              "DCS.4062 Invalid enable_auto_scan parameter in the request.");
  }
}

TEST(AutoscanJson, EnableAutoScanAbsent_KeepsTheSwitch) {
  const scanner::AutoScanConfig on = Parsed(Complete());
  scanner::AutoScanConfig off = on;
  off.enabled = false;
  for (const Json& body : {Json::object(), Json{{"enable_auto_scan", nullptr}}}) {
    EXPECT_TRUE(Parsed(body, on).enabled);
    EXPECT_FALSE(Parsed(body, off).enabled);
  }
  EXPECT_EQ(Parsed({{"interval", 60}}, on).interval_s, 60);
  EXPECT_EQ(Parsed({{"interval", 60}}, on).first_scan_at, on.first_scan_at);
}

TEST(AutoscanJson, EnableAutoScanAbsent_ScansOn_ChecksFirstScan) {
  scanner::AutoScanConfig on = Parsed(Complete());
  on.first_scan_at = kNow - 3'600'000;
  EXPECT_EQ(Refusal({{"scan_keys_count", 10}}, on), "none");
  const Json past = {{"first_scan_at", "2020-01-01T00:00:00.000"}};
  EXPECT_TRUE(Refusal(past, on).starts_with("DCS.4819"));
  on.enabled = false;
  EXPECT_EQ(Refusal(past, on), "none");
}

TEST(AutoscanJson, SwitchedOffAlone_KeepsTheOtherMembers) {
  const scanner::AutoScanConfig before = Parsed(Complete());
  const scanner::AutoScanConfig after = Parsed({{"enable_auto_scan", false}}, before);
  EXPECT_FALSE(after.enabled);
  EXPECT_EQ(after.first_scan_at, before.first_scan_at);
  EXPECT_EQ(after.interval_s, 3'600);
  EXPECT_EQ(after.keys_per_step, 100);
}

TEST(AutoscanJson, SwitchedOff_MembersAreStillCheckedAndApplied) {
  const scanner::AutoScanConfig config =
      Parsed({{"enable_auto_scan", false}, {"scan_keys_count", 10}, {"timeout", 200'000}});
  EXPECT_EQ(config.keys_per_step, 10);
  EXPECT_EQ(config.timeout_s, 200'000);
  EXPECT_TRUE(
      Refusal({{"enable_auto_scan", false}, {"scan_keys_count", 9}}).starts_with("DCS.4822"));
  EXPECT_TRUE(Refusal({{"enable_auto_scan", false}, {"timeout", 5}}).starts_with("DCS.4821"));
}

TEST(AutoscanJson, ReadConfiguration_CanBeWrittenBackToSwitchOff) {
  Json body = With("first_scan_at", "2020-01-01T00:00:00.000");
  EXPECT_TRUE(Refusal(body).starts_with("DCS.4819"));
  body["enable_auto_scan"] = false;
  body["instance_id"] = "an-id";
  body["updated_at"] = "2020-01-01T00:00:00.000Z";
  EXPECT_FALSE(Parsed(body).enabled);
}

TEST(AutoscanJson, FirstScan_MustBeInTheFutureAndInUtc) {
  const std::string expected =
      "DCS.4819 The first_scan_at parameter is invalid. Its must be ISO format utc date-time. The "
      "time must be later than the current time.";
  for (const Json& value :
       {Json("2023-07-07T15:00:04.000"), Json("2023-07-07T15:00:03.999Z"), Json(""), Json("soon"),
        Json("2023-07-07T23:00:05.000+08:00"), Json("2023-02-30T15:00:05.000"), Json(1688742005000),
        Json(true), Json::object()}) {
    EXPECT_EQ(Refusal(With("first_scan_at", value)), expected) << value;
  }
  for (const char* text : {"2023-07-07T15:00:04.001", "2023-07-07T15:00:05.000z",
                           "2023-07-07T15:00:05Z", "2999-01-01T00:00:00"}) {
    EXPECT_EQ(Refusal(With("first_scan_at", text)), "none") << text;
  }
}

TEST(AutoscanJson, Interval_MustNotBeNegative) {
  const std::string expected =
      "DCS.4820 The interval parameter is invalid. must Greater than or equal to 0.";
  for (const Json& value : {Json(-1), Json(1.5), Json("3600"), Json(true)}) {
    EXPECT_EQ(Refusal(With("interval", value)), expected) << value;
  }
  EXPECT_EQ(Refusal(With("interval", 0)), "none");
}

TEST(AutoscanJson, Timeout_MustBeAtLeastTwoIntervals) {
  const std::string expected =
      "DCS.4821 The timeout parameter is invalid. Its must Greater than or equal to interval * 2, "
      "if interval is 0, timeout must Greater than 1 second.";
  for (const Json& value : {Json(7199), Json(0), Json(-1), Json("7200")}) {
    EXPECT_EQ(Refusal(With("timeout", value)), expected) << value;
  }
  Json once = With("interval", 0);
  once["timeout"] = 1;
  EXPECT_EQ(Refusal(once), expected);
  once["timeout"] = 2;
  EXPECT_EQ(Refusal(once), "none");
  Json longest = With("interval", 1073741823);
  longest["timeout"] = 2147483646;
  EXPECT_EQ(Refusal(longest), "none");
  longest["interval"] = 2147483647;
  EXPECT_EQ(Refusal(longest), expected);
  longest["timeout"] = 4294967294;
  EXPECT_EQ(Refusal(longest), "none");
}

// The messages of DCS.4820 and 4821 name a lower bound, which would be wrong here.
TEST(AutoscanJson, TooLongTimes_GetTheParameterError) {
  for (const Json& value : {Json(INT64_MAX), Json(UINT64_MAX)}) {
    for (const char* name : {"interval", "timeout"}) {
      EXPECT_EQ(Refusal(With(name, value)),
                std::string("DCS.4062 Invalid ") + name + " parameter in the request.");
    }
  }
}

TEST(AutoscanJson, KeysPerStep_MustBeTenToAThousand) {
  const std::string expected =
      "DCS.4822 The scan_keys_count parameter is invalid. Its must Greater than or equal to 10, "
      "and Less than or equal to 1000.";
  for (const Json& value : {Json(9), Json(1001), Json(20000), Json(-10), Json("50"), Json(50.0)}) {
    EXPECT_EQ(Refusal(With("scan_keys_count", value)), expected) << value;
  }
  for (const int value : {10, 1000}) EXPECT_EQ(Refusal(With("scan_keys_count", value)), "none");
}

}  // namespace
}  // namespace dcs::rest
