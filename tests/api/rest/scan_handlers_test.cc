#include "api/rest/scan_handlers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

class ScanHandlers : public ApiTest {
 protected:
  Json Histories(const std::string& query = "") { return sim.Get(kHistoriesPath + query); }
};

TEST_F(ScanHandlers, CreateScan_AnswersTheWaitingTask) {
  EXPECT_EQ(sim.Call("POST", kScanPath).body,
            R"({"id":"aa735b6f-3d70-44e3-9771-000000000001",)"
            R"("instance_id":"5560df16-cebf-4473-95c4-d1b573c16e79","status":"waiting",)"
            R"("scan_type":"manual","created_at":"2020-06-15T02:21:18.669Z"})");
}

TEST_F(ScanHandlers, NewerName_WorksTheSame) {
  const HttpResponse response = sim.Call("POST", kInstancePath + "/auto-expire/scan");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Json::parse(response.body)["status"], "waiting");
  EXPECT_EQ(Histories()["records"][0]["id"], Json::parse(response.body)["id"]);
}

TEST_F(ScanHandlers, Body_IsIgnored) {
  for (const std::string_view body : {"{}", "null", "{not json"}) {
    const auto request =
        MakeRequest("POST", kScanPath, {{"X-Auth-Token", "a-token"}}, std::string(body));
    EXPECT_EQ(sim.Handle(*request).status, 200) << body;
  }
}

TEST_F(ScanHandlers, Task_IsListedRightAfterItsPost) {
  const Json task = sim.Create();
  const Json histories = Histories();
  EXPECT_EQ(histories["count"], 1);
  ASSERT_EQ(histories["records"].size(), 1u);
  EXPECT_EQ(histories["records"][0]["id"], task["id"]);
  EXPECT_EQ(histories["records"][0]["status"], "waiting");
  EXPECT_EQ(histories["records"][0]["num"], 0);
  EXPECT_FALSE(histories["records"][0].contains("started_at"));
}

TEST_F(ScanHandlers, Scan_FindsExactlyTheExpiredKeys) {
  sim.Fill(/*expired=*/500, /*live=*/1000);
  sim.Create();
  sim.events.Advance(5);
  Json record = Histories()["records"][0];
  EXPECT_EQ(record["status"], "running");
  EXPECT_TRUE(record.contains("started_at"));
  EXPECT_FALSE(record.contains("finished_at"));
  EXPECT_GT(record["num"], 0);
  EXPECT_LT(record["num"], 500);
  sim.events.Advance(60'000);
  const Json histories = Histories();
  record = histories["records"][0];
  EXPECT_EQ(record["status"], "success");
  EXPECT_EQ(record["num"], 500);
  EXPECT_EQ(histories["total"], 500);
  EXPECT_LT(record["started_at"], record["finished_at"]);
  EXPECT_EQ(sim.keyspace().size(), 1000u);
}

TEST_F(ScanHandlers, Histories_PagesHaveNoGapOrRepetition) {
  for (int i = 0; i < 25; ++i) {
    sim.Create();
    sim.events.Advance(1000);
  }
  EXPECT_EQ(Histories()["records"].size(), 10u);
  std::vector<std::string> created;
  std::set<std::string> ids;
  for (int offset = 0; offset < 30; offset += 7) {
    const Json page = Histories("?limit=7&offset=" + std::to_string(offset));
    EXPECT_EQ(page["count"], 25);
    EXPECT_EQ(page["instance_id"], kInstance);
    for (const Json& record : page["records"]) {
      created.push_back(record["created_at"]);
      EXPECT_TRUE(ids.insert(record["id"]).second) << record;
    }
  }
  EXPECT_EQ(ids.size(), 25u);
  EXPECT_TRUE(std::is_sorted(created.rbegin(), created.rend()));
}

TEST_F(ScanHandlers, OffsetPastTheEnd_IsAnEmptyPage) {
  sim.Create();
  for (const std::string_view offset : {"1", "1000", "2147483647"}) {
    const Json page = Histories("?offset=" + std::string(offset));
    EXPECT_TRUE(page["records"].is_array());
    EXPECT_TRUE(page["records"].empty());
    EXPECT_EQ(page["count"], 1);
  }
}

TEST_F(ScanHandlers, StatusFiltersRecordsAndCounts) {
  sim.Fill(/*expired=*/30, /*live=*/0);
  sim.Create();
  sim.events.Advance(60'000);
  sim.Create();
  sim.Create();
  sim.events.Advance(1);  // one runs, one waits
  for (const auto& [status, count, total] :
       {std::tuple{"success", 1, 30}, {"running", 1, 0}, {"waiting", 1, 0}, {"failed", 0, 0}}) {
    const Json page = Histories(std::string("?status=") + status);
    EXPECT_EQ(page["count"], count) << status;
    EXPECT_EQ(page["total"], total) << status;
    EXPECT_EQ(page["records"].size(), static_cast<size_t>(count)) << status;
    for (const Json& record : page["records"]) EXPECT_EQ(record["status"], status);
  }
  EXPECT_EQ(Histories()["count"], 3);
}

TEST_F(ScanHandlers, BadQueryValuesAreNamed) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"offset=-1", "offset"},      {"offset=x", "offset"},
      {"offset=", "offset"},        {"offset=2147483648", "offset"},
      {"limit=0", "limit"},         {"limit=1001", "limit"},
      {"limit=1e2", "limit"},       {"limit=5&limit=5", "limit"},
      {"status=done", "status"},    {"status=", "status"},
      {"status=Running", "status"}, {"status=failed&status=failed", "status"},
  };
  for (const auto& [query, name] : cases) {
    ExpectError(sim.Call("GET", kHistoriesPath + "?" + std::string(query)), 400, "DCS.4062",
                "Invalid " + std::string(name) + " parameter in the request.");
  }
}

TEST_F(ScanHandlers, UnknownParameters_AreIgnored) {
  sim.Create();
  EXPECT_EQ(Histories("?marker=1&Limit=0")["count"], 1);
}

TEST_F(ScanHandlers, TooManyWaitingScans_AreRefused) {
  for (size_t i = 0; i < scanner::ScanServiceOptions{}.waiting_limit; ++i) sim.Create();
  ExpectError(sim.Call("POST", kScanPath), 400, "DCS.4017",
              "This DCS instance job task is still running.");
  EXPECT_EQ(Histories("?status=waiting")["count"], scanner::ScanServiceOptions{}.waiting_limit);
  EXPECT_EQ(Histories("?status=failed")["count"], 0) << "what was refused is no record";
  sim.events.Advance(1);
  EXPECT_EQ(sim.Call("POST", kScanPath).status, 200) << "one has started";
}

TEST_F(ScanHandlers, Redis3_SupportsNoScans) {
  const std::string path = "/v2/" + kProject + "/instances/" + kRedis3;
  for (const auto& [method, operation] : {std::pair{"POST", "/scan-expire-keys-task"},
                                          {"POST", "/auto-expire/scan"},
                                          {"GET", "/auto-expire/histories?limit=0"}}) {
    ExpectError(sim.Call(method, path + operation), 400, "DCS.4818",
                "Do not support auto expire scan.");
  }
  EXPECT_EQ(sim.registry.Find(kRedis3)->scans->Histories({}).scans, 0u);
}

TEST_F(ScanHandlers, ScanDuringStop_IsListedAsFailed) {
  sim.Fill(/*expired=*/300, /*live=*/300);
  sim.Create();
  sim.events.Advance(6);
  sim.registry.Find(kInstance)->scans->Stop("the simulator is shutting down");
  sim.Create();
  const Json page = Histories("?status=failed");
  EXPECT_EQ(page["count"], 2);
  for (const Json& record : page["records"]) EXPECT_TRUE(record.contains("finished_at"));
}

}  // namespace
}  // namespace dcs::rest
