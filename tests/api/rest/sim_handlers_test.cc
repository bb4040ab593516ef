#include "api/rest/sim_handlers.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

using SimHandlers = ApiTest;

const std::string kSweepTarget = "/_sim/sweep?instance_id=" + kInstance;

TEST_F(SimHandlers, Health_NeedsNoCredentials) {
  const HttpResponse response = sim.Send("GET", "/_sim/health");
  EXPECT_EQ(response.status, 200);
  const Json answer = Json::parse(response.body);
  EXPECT_EQ(answer["status"], "ok");
  EXPECT_EQ(answer["now"], "2020-06-15T02:21:18.669Z");
  EXPECT_EQ(answer["project_id"], kProject);
  ASSERT_EQ(answer["instances"].size(), 2u);
  EXPECT_EQ(answer["instances"][0]["instance_id"], kInstance);
  EXPECT_EQ(answer["instances"][1]["engine_version"], "3.0");
}

TEST_F(SimHandlers, Health_StateCannotBeWritten_IsDegradedWithTheReason) {
  absl::Status kept = absl::UnavailableError("the disk is full");
  ApiOptions options = DefaultOptions();
  options.keeping = [&] { return kept; };
  SimulatedApi full(options);
  full.Add(kInstance, "7.0");
  Json health = Json::parse(full.Send("GET", "/_sim/health").body);
  EXPECT_EQ(health["status"], "degraded");
  EXPECT_EQ(health["reason"], "the disk is full");
  kept = absl::OkStatus();
  health = Json::parse(full.Send("GET", "/_sim/health").body);
  EXPECT_EQ(health["status"], "ok");
  EXPECT_FALSE(health.contains("reason"));
}

TEST_F(SimHandlers, Census_CountsExpiredUnreleasedKeys) {
  sim.Fill(/*expired=*/40, /*live=*/60);
  const std::string target = "/_sim/census?instance_id=" + kInstance;
  const Json before = Json::parse(sim.Send("GET", target).body);
  EXPECT_EQ(before["keys"], 100);
  EXPECT_EQ(before["keys_with_deadline"], 40);
  EXPECT_EQ(before["expired_keys"], 40);
  EXPECT_GT(before["expired_bytes"], 0);
  EXPECT_GT(before["used_bytes"], before["expired_bytes"]);
  EXPECT_GE(before["held_bytes"], before["used_bytes"]);
  EXPECT_EQ(before.size(), 6u);
  sim.Create();
  sim.events.Advance(60'000);
  const Json after = Json::parse(sim.Send("GET", target).body);
  EXPECT_EQ(after["keys"], 60);
  EXPECT_EQ(after["expired_keys"], 0);
  EXPECT_EQ(after["expired_bytes"], 0);
}

TEST_F(SimHandlers, NoInstanceId_AppliesToAll) {
  sim.Fill(/*expired=*/40, /*live=*/60);
  store::Keyspace& other = sim.registry.Find(kRedis3)->master().keyspace;
  ASSERT_TRUE(other.Set("k", "v", store::kNoDeadline, sim.clock.Now()).ok());
  ASSERT_TRUE(other.Set("e", "v", sim.clock.Now() + 1, sim.clock.Now()).ok());
  sim.events.Advance(2);
  const auto census = [&](const std::string& query) {
    return Json::parse(sim.Send("GET", "/_sim/census" + query).body);
  };
  const Json all = census("");
  EXPECT_EQ(all["keys"], 102);
  EXPECT_EQ(all["expired_keys"], 41);
  for (const char* member : {"keys_with_deadline", "expired_bytes", "used_bytes"}) {
    EXPECT_EQ(all[member], census("?instance_id=" + kInstance)[member].get<uint64_t>() +
                               census("?instance_id=" + kRedis3)[member].get<uint64_t>());
  }
  const Json swept = Json::parse(sim.Send("POST", "/_sim/sweep").body);
  EXPECT_EQ(swept["visited"], 102);
  EXPECT_EQ(swept["released"], 41);
  EXPECT_EQ(swept["released_bytes"], all["expired_bytes"]);
  EXPECT_EQ(census("")["keys"], 61);
}

TEST_F(SimHandlers, ScanProgress_NeedsOnlyTheScanId) {
  const std::string id = sim.Create()["id"];
  const HttpResponse found = sim.Send("GET", "/_sim/scans?id=" + id);
  EXPECT_EQ(found.status, 200) << found.body;
  EXPECT_EQ(Json::parse(found.body)["id"], id);
  ExpectError(sim.Send("GET", "/_sim/scans?id=" + id + "&instance_id=" + kRedis3), 404, "DCS.4001",
              "The requested URL does not exist.");
  ExpectError(sim.Send("GET", "/_sim/scans?id=" + kInstance), 404, "DCS.4001",
              "The requested URL does not exist.");
}

TEST_F(SimHandlers, Snapshot_SkipsInstanceDeletedMeanwhile) {
  ApiOptions options = DefaultOptions();
  options.save_keys = [](std::string_view id, size_t,
                         const api::Node&) -> absl::StatusOr<store::SnapshotSize> {
    if (id == kRedis3) return absl::CancelledError("its instance has been removed");
    return store::SnapshotSize{.keys = 5, .bytes = 50};
  };
  SimulatedApi two(options);
  two.Add(kInstance, "7.0");
  two.Add(kRedis3, "3.0");
  const HttpResponse response = two.Send("POST", "/_sim/snapshot");
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(Json::parse(response.body)["keys"], 5);
}

TEST_F(SimHandlers, InstanceIds_AreChecked) {
  for (const auto& [method, path] : {std::pair{"GET", "/_sim/census"},
                                     {"GET", "/_sim/scans"},
                                     {"POST", "/_sim/sweep"},
                                     {"POST", "/_sim/snapshot"}}) {
    const std::string operation = std::string(path) + "?instance_id=";
    ExpectError(sim.Send(method, operation + "x"), 400, "DCS.4061", "Invalid instance ID format.");
    ExpectError(sim.Send(method, operation), 400, "DCS.4061", "Invalid instance ID format.");
    ExpectError(sim.Send(method, operation + "00000000-cebf-4473-95c4-d1b573c16e79"), 404,
                "DCS.3022", "This DCS instance does not exist.");
  }
}

TEST_F(SimHandlers, Sweep_ReleasesAllExpiredKeys) {
  sim.Fill(/*expired=*/4'000, /*live=*/6'000);
  const Json before = Json::parse(sim.Send("GET", "/_sim/census?instance_id=" + kInstance).body);
  const HttpResponse response = sim.Send("POST", kSweepTarget);
  EXPECT_EQ(response.status, 200);
  ASSERT_NE(response.headers.Find("X-Request-Id"), nullptr);
  const Json swept = Json::parse(response.body);
  EXPECT_EQ(swept.size(), 5u);
  EXPECT_EQ(swept["visited"], 10'000);
  EXPECT_EQ(swept["released"], 4'000);
  EXPECT_EQ(swept["released_bytes"], before["expired_bytes"]);
  EXPECT_TRUE(swept["seconds"].is_number_float());
  EXPECT_TRUE(swept["cpu_seconds"].is_number_float());
  const Json after = Json::parse(sim.Send("GET", "/_sim/census?instance_id=" + kInstance).body);
  EXPECT_EQ(after["keys"], 6'000);
  EXPECT_EQ(after["expired_keys"], 0);
  EXPECT_LT(after["used_bytes"], before["used_bytes"]);
  const Json again = Json::parse(sim.Send("POST", kSweepTarget + "&threads=64").body);
  EXPECT_EQ(again["visited"], 6'000);
  EXPECT_EQ(again["released"], 0);
}

TEST_F(SimHandlers, Sweep_IsNotListedAndWorksOnAnyVersion) {
  sim.Send("POST", kSweepTarget);
  EXPECT_EQ(sim.Get(kHistoriesPath)["count"], 0);
  EXPECT_EQ(sim.Send("POST", "/_sim/sweep?instance_id=" + kRedis3).status, 200);
}

TEST_F(SimHandlers, Sweep_IsTimedByTheGivenMeter) {
  ApiOptions options = DefaultOptions();
  int64_t real_ns = 0;
  int64_t cpu_ns = 0;
  options.meter = {.real_ns = [&] { return real_ns += 2'500'000'000; },
                   .thread_cpu_ns = [&] { return cpu_ns += 1'500'000'000; }};
  SimulatedApi timed(options);
  timed.Add(kInstance, "7.0");
  const Json swept = Json::parse(timed.Send("POST", "/_sim/sweep").body);
  EXPECT_EQ(swept["seconds"], 2.5);
  EXPECT_EQ(swept["cpu_seconds"], 1.5);
}

TEST(SimHandlersOfSeveralNodes, CensusAndSweepCoverAllNodes) {
  SimulatedApi sim;
  sim.node_count = 3;
  const api::Instance& instance = sim.Add(kInstance, "7.0");
  ASSERT_EQ(instance.nodes.size(), 3u);
  for (const auto& node : instance.nodes) {
    ASSERT_TRUE(node->keyspace.Set("k", "v", sim.clock.Now() + 1, sim.clock.Now()).ok());
  }
  sim.events.Advance(2);
  EXPECT_EQ(sim.Get("/_sim/census?instance_id=" + kInstance)["expired_keys"], 3);
  const Json swept = Json::parse(sim.Send("POST", kSweepTarget).body);
  EXPECT_EQ(swept["released"], 3);
  EXPECT_EQ(sim.Get("/_sim/census?instance_id=" + kInstance)["keys"], 0);
}

TEST_F(SimHandlers, Sweep_AcceptsOneTo64Threads) {
  for (const std::string threads : {"1", "2", "64"}) {
    EXPECT_EQ(sim.Send("POST", kSweepTarget + "&threads=" + threads).status, 200) << threads;
  }
  for (const std::string threads : {"0", "65", "-1", "x", "", "1.5", "2&threads=2"}) {
    ExpectError(sim.Send("POST", kSweepTarget + "&threads=" + threads), 400, "DCS.4062",
                "Invalid threads parameter in the request.");
  }
}

TEST_F(SimHandlers, Snapshot_SavesOneInstanceOrAll) {
  sim.Fill(/*expired=*/40, /*live=*/60);
  const Json one = Json::parse(sim.Send("POST", "/_sim/snapshot?instance_id=" + kInstance).body);
  EXPECT_EQ(one["keys"], 100) << "expired ones too";
  EXPECT_GT(one["bytes"], 100);
  EXPECT_TRUE(one["seconds"].is_number_float());
  EXPECT_EQ(one.size(), 3u);
  ASSERT_TRUE(sim.registry.Find(kRedis3)
                  ->master()
                  .keyspace.Set("k", "v", store::kNoDeadline, sim.clock.Now())
                  .ok());
  EXPECT_EQ(Json::parse(sim.Send("POST", "/_sim/snapshot").body)["keys"], 101);
}

TEST_F(SimHandlers, Snapshot_WriteFailure_IsReported) {
  ApiOptions options = DefaultOptions();
  options.save_keys = [](std::string_view, size_t, const api::Node&) {
    return absl::UnavailableError("the disk is full");
  };
  SimulatedApi full(options);
  full.Add(kInstance, "7.0");
  ExpectError(full.Send("POST", "/_sim/snapshot"), 500, "DCS.5000",
              Row(ErrorId::kInternal).message);
  options.save_keys = nullptr;
  SimulatedApi none(options);
  none.Add(kInstance, "7.0");
  ExpectError(none.Send("POST", "/_sim/snapshot"), 404, "DCS.4001",
              "The requested URL does not exist.");
}

TEST_F(SimHandlers, WalksOverAllKeys_AreDeferred) {
  const auto is_long = [this](std::string_view method, const std::string& target) {
    return std::holds_alternative<LongWork>(
        sim.api.Handle(*MakeRequest(method, target + "?instance_id=" + kInstance, {}, "")));
  };
  EXPECT_TRUE(is_long("POST", "/_sim/sweep"));
  EXPECT_TRUE(is_long("POST", "/_sim/snapshot"));
  EXPECT_TRUE(is_long("GET", "/_sim/census"));
  EXPECT_FALSE(is_long("GET", "/_sim/health"));
  EXPECT_FALSE(is_long("GET", "/_sim/sweep"));
}

TEST_F(SimHandlers, DeferredAnswer_UsesTheTimeOfItsWork) {
  sim.Fill(/*expired=*/0, /*live=*/10);
  ASSERT_TRUE(sim.keyspace().Set("soon", "v", sim.clock.Now() + 100, sim.clock.Now()).ok());
  const HttpReply reply = sim.api.Handle(*MakeRequest("POST", kSweepTarget, {}, ""));
  sim.events.Advance(101);
  EXPECT_EQ(Json::parse(std::get<LongWork>(reply)().body)["released"], 1);
}

TEST_F(SimHandlers, ScanProgress_ReachesTheEnd) {
  sim.Fill(/*expired=*/300, /*live=*/700);
  const std::string target =
      "/_sim/scans?instance_id=" + kInstance + "&id=" + std::string(sim.Create()["id"]);
  Json progress = Json::parse(sim.Send("GET", target).body);
  EXPECT_EQ(progress["status"], "waiting");
  EXPECT_EQ(progress["visited"], 0);
  sim.events.Advance(10);
  progress = Json::parse(sim.Send("GET", target).body);
  EXPECT_EQ(progress["status"], "running");
  EXPECT_EQ(progress["steps"], 2);
  EXPECT_EQ(progress["keys_at_start"], 1000);
  EXPECT_GE(progress["visited"], 200);
  EXPECT_LT(progress["visited"], 1000);
  sim.events.Advance(60'000);
  progress = Json::parse(sim.Send("GET", target).body);
  EXPECT_EQ(progress["status"], "success");
  EXPECT_EQ(progress["visited"], 1000);
  EXPECT_EQ(progress["released"], 300);
  EXPECT_GT(progress["released_bytes"], 0);
}

TEST_F(SimHandlers, ScanProgress_InvalidId_IsRefused) {
  const std::string target = "/_sim/scans?instance_id=" + kInstance;
  ExpectError(sim.Send("GET", target), 400, "DCS.4062", "Invalid id parameter in the request.");
  ExpectError(sim.Send("GET", target + "&id=1"), 400, "DCS.4070", "Invalid task ID format.");
  ExpectError(sim.Send("GET", target + "&id=aa735b6f-3d70-44e3-9771-000000000099"), 404, "DCS.4001",
              "The requested URL does not exist.");
}

// ---- Reset

TEST_F(SimHandlers, Reset_LeavesOnlyTheInitialInstance) {
  sim.Fill(/*expired=*/10, /*live=*/10);
  sim.Create();
  sim.events.Advance(60'000);
  const HttpResponse response = sim.Send("POST", "/_sim/reset");
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(sim.registry.instances().size(), 1u);
  EXPECT_EQ(sim.keyspace().size(), 0u);
  EXPECT_EQ(sim.Get(kHistoriesPath)["count"], 0);
}

TEST_F(SimHandlers, Reset_InvalidatesTokens) {
  const HttpResponse login = sim.Send(
      "POST", "/v3/auth/tokens", {},
      R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"operator",)"
      R"("password":"a-password","domain":{"name":"d"}}}},"scope":)"
      R"({"project":{"name":"cn-north-4"}}}})");
  ASSERT_EQ(login.status, 201) << login.body;
  const Headers token = {{"X-Auth-Token", *login.headers.Find("X-Subject-Token")}};
  EXPECT_EQ(sim.Send("GET", kHistoriesPath, token).status, 200);
  EXPECT_EQ(sim.Send("POST", "/_sim/reset").status, 200);
  ExpectError(sim.Send("GET", kHistoriesPath, token), 401, "DCS.1001", "Invalid token.");
}

TEST_F(SimHandlers, FailedReset_AnswersTheReason) {
  sim.reset_status = absl::UnavailableError("cannot listen");
  ExpectError(sim.Send("POST", "/_sim/reset"), 500, "SIM.0003",
              "The started state could not be brought back: cannot listen.");
}

}  // namespace
}  // namespace dcs::rest
