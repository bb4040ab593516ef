// The request sequences of the Terraform provider's resources, as sent by its HTTP client.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

constexpr int64_t kPoll = 10'000;

class Terraform : public ApiTest {
 protected:
  // The provider's POST without body has no Content-Type; its GETs have one.
  HttpResponse Post(const std::string& path) {
    return sim.Send("POST", path,
                    {{"X-Auth-Token", "a-token"}, {"User-Agent", "terraform-provider"}});
  }
  HttpResponse GetPage(const std::string& path, const std::string& query) {
    return sim.Send("GET", path + query,
                    {{"X-Auth-Token", "a-token"},
                     {"Content-Type", "application/json;charset=utf8"},
                     {"X-Project-Id", kProject}});
  }
  // Reads pages until an empty array; a missing or null array is an error.
  std::vector<Json> AllRecords(const std::string& filter = "") {
    std::vector<Json> records;
    for (int offset = 0;; offset += 10) {
      const HttpResponse response =
          GetPage(kHistoriesPath, "?limit=10&offset=" + std::to_string(offset) + filter);
      EXPECT_EQ(response.status, 200);
      const Json page = Json::parse(response.body);
      if (!page["records"].is_array()) {
        ADD_FAILURE() << "no records: " << response.body;
        return records;
      }
      if (page["records"].empty()) return records;
      for (const Json& record : page["records"]) records.push_back(record);
    }
  }
  std::optional<Json> Find(const std::string& id) {
    for (const Json& record : AllRecords()) {
      if (record["id"] == id) return record;
    }
    return std::nullopt;
  }
};

TEST_F(Terraform, ScanTaskIsPostedAndPolledFromTenSecondsOn) {
  sim.Fill(/*expired=*/50'000, /*live=*/200'000);  // 12.5 s of scanning
  const HttpResponse created = Post(kScanPath);
  ASSERT_EQ(created.status, 200);
  const std::string id = Json::parse(created.body)["id"];
  std::vector<std::string> seen;
  do {
    sim.events.Advance(kPoll);
    const std::optional<Json> record = Find(id);
    ASSERT_TRUE(record.has_value());
    seen.push_back((*record)["status"]);
    ASSERT_LT(seen.size(), 180u) << "its time is 30 minutes";
  } while (seen.back() == "waiting" || seen.back() == "running");
  EXPECT_EQ(seen, (std::vector<std::string>{"running", "success"}));
  EXPECT_EQ((*Find(id))["num"], 50'000);
}

TEST_F(Terraform, ScanIsListedWhenItsPostHasAnswered) {
  const HttpResponse created = Post(kInstancePath + "/auto-expire/scan");
  ASSERT_EQ(created.status, 200);
  const std::string id = Json::parse(created.body)["id"];
  const std::optional<Json> record = Find(id);
  ASSERT_TRUE(record.has_value()) << "or the apply fails";
  EXPECT_EQ((*record)["status"], "waiting");
  sim.events.Advance(kPoll);
  EXPECT_EQ((*Find(id))["status"], "success");
  // Destroying the resource sends nothing.
}

TEST_F(Terraform, HistoriesArePagedToTheirEndWithAndWithoutStatus) {
  EXPECT_TRUE(AllRecords().empty());
  for (int i = 0; i < 23; ++i) {
    Post(kScanPath);
    sim.events.Advance(1'000);
  }
  Post(kScanPath);
  EXPECT_EQ(AllRecords().size(), 24u);
  EXPECT_EQ(AllRecords("&status=success").size(), 23u);
  EXPECT_EQ(AllRecords("&status=waiting").size(), 1u);
  EXPECT_TRUE(AllRecords("&status=failed").empty());
  for (const Json& record : AllRecords()) {
    for (const char* name : {"id", "status", "scan_type", "num", "created_at"}) {
      EXPECT_TRUE(record.contains(name)) << name;
    }
  }
}

TEST_F(Terraform, AutoscanArgumentsArePutReadAndSwitchedOff) {
  const std::string path = kInstancePath + "/scan-expire-keys/autoscan-config";
  EXPECT_EQ(sim.Get(path)["enable_auto_scan"], false);
  // first_scan_at as in the provider's documentation, with a lower-case z.
  const HttpResponse put = sim.Call(
      "PUT", path,
      R"({"enable_auto_scan":true,"first_scan_at":"2023-07-07T15:00:05.000z","interval":20,)"
      R"("timeout":100,"scan_keys_count":1000})");
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(sim.Get(path)["first_scan_at"], "2023-07-07T15:00:05.000");
  const HttpResponse off = sim.Call("PUT", path, R"({"enable_auto_scan":false})");
  ASSERT_EQ(off.status, 200) << off.body;
  EXPECT_EQ(sim.Get(path)["enable_auto_scan"], false);
}

TEST_F(Terraform, InstanceIsCreatedAwaitedConfiguredAndDestroyed) {
  const std::string instances = "/v2/" + kProject + "/instances";
  const HttpResponse created = sim.Call(
      "POST", instances,
      R"({"name":"from-terraform","engine":"Redis","engine_version":"5.0","capacity":0.125,)"
      R"("spec_code":"redis.ha.xu1.tiny.r2.128","az_codes":["cn-north-4a"],"vpc_id":"v",)"
      R"("subnet_id":"s","no_password_access":true,"instance_num":1,)"
      R"("bss_param":{"charging_mode":"postPaid","is_auto_pay":"true"}})");
  ASSERT_EQ(created.status, 200) << created.body;
  const std::string path =
      instances + "/" + std::string(Json::parse(created.body)["instances"][0]["instance_id"]);
  EXPECT_EQ(sim.Get(path)["status"], "CREATING");
  sim.events.Advance(kPoll);
  EXPECT_EQ(sim.Get(path)["status"], "RUNNING");
  EXPECT_EQ(sim.Get(path)["capacity_minor"], ".125");
  EXPECT_EQ(sim.Call("PUT", path + "/configs",
                     R"({"redis_config":[{"param_id":"1","param_name":"timeout",)"
                     R"("param_value":"100"}]})")
                .status,
            204);
  EXPECT_EQ(sim.Call("DELETE", path).status, 204);
  EXPECT_EQ(sim.Get(path)["status"], "DELETING");
  sim.events.Advance(kPoll);
  EXPECT_EQ(sim.Call("GET", path).status, 404);
}

}  // namespace
}  // namespace dcs::rest
