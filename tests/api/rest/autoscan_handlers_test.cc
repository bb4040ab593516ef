#include "api/rest/autoscan_handlers.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

constexpr int64_t kHour = 3'600'000;

class AutoscanHandlers : public ApiTest {
 protected:
  HttpResponse Put(const std::string& body) { return sim.Call("PUT", path, body); }

  const std::string path = kInstancePath + "/scan-expire-keys/autoscan-config";
  // The first scan starts an hour and a half after the clock's start, further ones hourly.
  const std::string hourly =
      R"({"enable_auto_scan":true,"first_scan_at":"2020-06-15T04:00:00.000","interval":3600,)"
      R"("timeout":7200,"scan_keys_count":1000})";
};

TEST_F(AutoscanHandlers, Unconfigured_ShowsConsoleDefaults) {
  const Json config = sim.Get(path);
  EXPECT_EQ(config["enable_auto_scan"], false);
  EXPECT_EQ(config["interval"], 86'400);
  EXPECT_EQ(config["timeout"], 172'800);
  EXPECT_EQ(config["scan_keys_count"], 50);
  EXPECT_FALSE(config.contains("first_scan_at"));
  EXPECT_FALSE(config.contains("updated_at"));
}

TEST_F(AutoscanHandlers, Put_AnswersTheConfigurationThatGetShows) {
  const HttpResponse response = Put(hourly);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            R"({"instance_id":"5560df16-cebf-4473-95c4-d1b573c16e79","enable_auto_scan":true,)"
            R"("first_scan_at":"2020-06-15T04:00:00.000","interval":3600,"timeout":7200,)"
            R"("scan_keys_count":1000,"updated_at":"2020-06-15T02:21:18.669Z"})");
  EXPECT_EQ(sim.Get(path), Json::parse(response.body));
}

TEST_F(AutoscanHandlers, Enabled_ScansRunAndAreListedAsAuto) {
  sim.Fill(/*expired=*/300, /*live=*/700);
  Put(hourly);
  sim.events.Advance(3 * kHour);
  const Json histories = sim.Get(kHistoriesPath);
  ASSERT_EQ(histories["count"], 2);
  EXPECT_EQ(histories["total"], 300);
  const Json& first = histories["records"][1];
  EXPECT_EQ(first["scan_type"], "auto");
  EXPECT_EQ(first["status"], "success");
  EXPECT_EQ(first["num"], 300);
  EXPECT_EQ(first["created_at"], "2020-06-15T04:00:00.000Z");
  EXPECT_EQ(first["started_at"], "2020-06-15T04:00:00.000Z");
  EXPECT_EQ(histories["records"][0]["started_at"], "2020-06-15T05:00:00.000Z");
}

TEST_F(AutoscanHandlers, ManualAndAutomaticScansShareTheHistories) {
  Put(hourly);
  sim.Create();
  sim.events.Advance(2 * kHour);
  const Json records = sim.Get(kHistoriesPath)["records"];
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0]["scan_type"], "auto");
  EXPECT_EQ(records[1]["scan_type"], "manual");
}

TEST_F(AutoscanHandlers, SwitchedOff_RunsNoFurtherScan) {
  Put(hourly);
  sim.events.Advance(2 * kHour);
  const Json off = Json::parse(Put(R"({"enable_auto_scan":false})").body);
  EXPECT_EQ(off["enable_auto_scan"], false);
  EXPECT_EQ(off["interval"], 3'600) << "the other members stay";
  EXPECT_EQ(off["first_scan_at"], "2020-06-15T04:00:00.000");
  sim.events.Advance(10 * kHour);
  EXPECT_EQ(sim.Get(kHistoriesPath)["count"], 1);
}

TEST_F(AutoscanHandlers, AbsentMember_KeepsItsValue) {
  Put(hourly);
  sim.events.Advance(1'000);
  Json changed = Json::parse(Put(R"({"scan_keys_count":50})").body);
  EXPECT_EQ(changed["enable_auto_scan"], true);
  EXPECT_EQ(changed["first_scan_at"], "2020-06-15T04:00:00.000");
  EXPECT_EQ(changed["interval"], 3'600);
  EXPECT_EQ(changed["scan_keys_count"], 50);
  EXPECT_EQ(changed["updated_at"], "2020-06-15T02:21:19.669Z");
  EXPECT_EQ(Put("{}").status, 200);
  Put(R"({"enable_auto_scan":false})");
  changed = Json::parse(Put(R"({"interval":60,"timeout":120})").body);
  EXPECT_EQ(changed["enable_auto_scan"], false);
  EXPECT_EQ(changed["interval"], 60);
}

TEST_F(AutoscanHandlers, ChangeOfOtherMembers_KeepsTheSchedule) {
  Put(hourly);
  sim.events.Advance(2 * kHour);  // 04:21, one scan has run
  ASSERT_EQ(sim.Get(kHistoriesPath)["count"], 1);
  EXPECT_EQ(Put(R"({"scan_keys_count":500})").status, 200);
  sim.events.Advance(kHour / 2);  // 04:51
  EXPECT_EQ(sim.Get(kHistoriesPath)["count"], 1) << "the first start time is over";
  sim.events.Advance(kHour / 2);  // 05:21
  EXPECT_EQ(sim.Get(kHistoriesPath)["records"][0]["started_at"], "2020-06-15T05:00:00.000Z");
  // Another interval: the start times still count from first_scan_at.
  EXPECT_EQ(Put(R"({"interval":7200,"timeout":14400})").status, 200);
  sim.events.Advance(kHour);
  EXPECT_EQ(sim.Get(kHistoriesPath)["records"][0]["started_at"], "2020-06-15T06:00:00.000Z");
  EXPECT_EQ(sim.Get(kHistoriesPath)["count"], 3);
}

TEST_F(AutoscanHandlers, LongIntervalsAreAccepted) {
  Json body = Json::parse(hourly);
  body["interval"] = 4'000'000'000;
  body["timeout"] = 8'000'000'000;
  const Json config = Json::parse(Put(body.dump()).body);
  EXPECT_EQ(config["interval"], 4'000'000'000);
  EXPECT_EQ(config["timeout"], 8'000'000'000);
  sim.events.Advance(3 * kHour);
  EXPECT_EQ(sim.Get(kHistoriesPath)["count"], 1);
}

TEST_F(AutoscanHandlers, RefusedRequest_ChangesNothing) {
  Put(hourly);
  const Json before = sim.Get(path);
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"", "DCS.4004", "Empty request body."},
      {"{", "DCS.4005", "The message body contains invalid characters or is not in JSON format."},
      {"[]", "DCS.4005", "The message body contains invalid characters or is not in JSON format."},
      {R"({"enable_auto_scan":true})", "DCS.4062",
       "Invalid first_scan_at parameter in the request."},
      {R"({"enable_auto_scan":false,"interval":-1})", "DCS.4820",
       "The interval parameter is invalid. must Greater than or equal to 0."},
  };
  sim.events.Advance(1000);
  for (const auto& [body, code, message] : cases) ExpectError(Put(body), 400, code, message);
  EXPECT_EQ(sim.Get(path), before);
}

TEST_F(AutoscanHandlers, Redis3_SupportsNoAutomaticScans) {
  const std::string redis3 =
      "/v2/" + kProject + "/instances/" + kRedis3 + "/scan-expire-keys/autoscan-config";
  for (const std::string method : {"GET", "PUT"}) {
    ExpectError(sim.Call(method, redis3, hourly), 400, "DCS.4818",
                "Do not support auto expire scan.");
  }
}

TEST_F(AutoscanHandlers, OtherMethodsAreNotAllowed) {
  for (const std::string method : {"POST", "DELETE", "PATCH"}) {
    const HttpResponse response = sim.Call(method, path, hourly);
    ExpectError(response, 405, "DCS.5001", "This request method is not allowed.");
    EXPECT_EQ(*response.headers.Find("Allow"), "GET, PUT, HEAD, OPTIONS");
  }
}

}  // namespace
}  // namespace dcs::rest
