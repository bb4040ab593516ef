#include "api/rest/instance_handlers.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

const std::string kInstancesPath = "/v2/" + kProject + "/instances";

class InstanceHandlers : public ApiTest {
 protected:
  static std::string Body(const std::string& name, Json changes = Json::object()) {
    Json body = {{"name", name},
                 {"engine", "Redis"},
                 {"engine_version", "6.0"},
                 {"capacity", 1},
                 {"spec_code", "redis.ha.xu1.large.r2.1"},
                 {"az_codes", {"cn-north-4a"}},
                 {"vpc_id", "a-vpc"},
                 {"subnet_id", "a-subnet"}};
    body.update(changes);
    return body.dump();
  }
  // Returns the path of the new instance, which is CREATING.
  std::string Create(const std::string& name, Json changes = Json::object()) {
    const HttpResponse response = sim.Call("POST", kInstancesPath, Body(name, std::move(changes)));
    EXPECT_EQ(response.status, 200) << response.body;
    return kInstancesPath + "/" +
           Json::parse(response.body)["instances"][0]["instance_id"].get<std::string>();
  }
  Json Action(const std::string& action, Json ids) {
    const HttpResponse response =
        sim.Call("PUT", kInstancesPath + "/status",
                 Json{{"instances", std::move(ids)}, {"action", action}}.dump());
    EXPECT_EQ(response.status, 200) << response.body;
    return Json::parse(response.body)["results"];
  }
  std::string Status(const std::string& path) { return sim.Get(path)["status"]; }
};

// ---- Create, show, list -------------------------------------------------------------------------

TEST_F(InstanceHandlers, Create_AnswersTheIdAndTheInstanceThenRuns) {
  const HttpResponse response = sim.Call("POST", kInstancesPath, Body("demo-1"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"order_id":null,"instances":[{"instance_id":)"
                           R"("aa735b6f-3d70-44e3-9771-000000000001","instance_name":"demo-1"}]})");
  const std::string path = kInstancesPath + "/aa735b6f-3d70-44e3-9771-000000000001";
  Json shown = sim.Get(path);
  EXPECT_EQ(shown["status"], "CREATING");
  EXPECT_TRUE(shown["port"].is_null());
  sim.events.Advance(api::LifecycleOptions{}.create_ms);
  shown = sim.Get(path);
  EXPECT_EQ(shown["status"], "RUNNING");
  EXPECT_GT(shown["port"], 0);
  EXPECT_EQ(shown["vpc_id"], "a-vpc");
  EXPECT_EQ(shown["engine_version"], "6.0");
  EXPECT_EQ(shown["no_password_access"], "true");
}

TEST_F(InstanceHandlers, Create_MakesSeveralInstances) {
  const HttpResponse response =
      sim.Call("POST", kInstancesPath,
               Body("many", {{"instance_num", 3}, {"bss_param", {{"charging_mode", "prePaid"}}}}));
  const Json created = Json::parse(response.body);
  EXPECT_TRUE(created["order_id"].is_string());
  ASSERT_EQ(created["instances"].size(), 3u);
  EXPECT_EQ(created["instances"][2]["instance_name"], "many-3");
  sim.events.Advance(5'000);
  const Json list = sim.Get(kInstancesPath + "?name=many-&status=RUNNING");
  EXPECT_EQ(list["instance_num"], 3);
  EXPECT_EQ(list["instances"][0]["charging_mode"], 1);
  EXPECT_EQ(list["instances"][0]["order_id"], created["order_id"]);
  EXPECT_NE(list["instances"][0]["port"], list["instances"][1]["port"]);
}

TEST_F(InstanceHandlers, RefusedRequest_CreatesNothing) {
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"", "DCS.4004", "Empty request body."},
      {"{]", "DCS.4005", "The message body contains invalid characters or is not in JSON format."},
      {"{}", "DCS.4062", "Invalid name parameter in the request."},
      {Body("abc"), "DCS.4010",
       "Invalid DCS instance name. The name must be 4 to 64 characters in length. Only letters "
       "(case-insensitive), digits, underscores (_) ,and hyphens (-) are allowed."},
      {Body("demo", {{"engine", "Memcached"}}), "DCS.4006",
       "The selected cache engine type is not supported."},
      {Body("demo", {{"spec_code", "redis.cluster.xu1.large.r2.8"}}), "DCS.4007",
       "Instance type is not supported."},
      {Body("demo", {{"engine_version", "9.0"}}), "DCS.4008",
       "The selected cache engine version is not supported."},
      {Body("dcs-test"), "DCS.4060", "This DCS instance name already exists."},
  };
  for (const auto& [body, code, message] : cases) {
    ExpectError(sim.Call("POST", kInstancesPath, body), 400, code, message);
  }
  EXPECT_EQ(sim.Get(kInstancesPath)["instance_num"], 2);
}

TEST_F(InstanceHandlers, BodyOf10MiB_IsHandled) {
  const std::string much(10 << 20, 'x');
  ExpectError(sim.Call("POST", kInstancesPath, Body("demo-1", {{"description", much}})), 400,
              "DCS.4011", "DCS instance description cannot exceed 1024 characters.");
  ExpectError(sim.Call("POST", kInstancesPath, much), 400, "DCS.4005",
              "The message body contains invalid characters or is not in JSON format.");
  EXPECT_EQ(sim.Get(kInstancesPath)["instance_num"], 2) << "nothing was created";
  Create("demo-1", {{"unknown", much}});  // unknown members are ignored
}

TEST_F(InstanceHandlers, TooManyInstances_SubmitFails) {
  SimulatedApi small(DefaultOptions(), {.max_instances = 2});
  ASSERT_EQ(small.Call("POST", kInstancesPath, Body("demo-1")).status, 200);
  ExpectError(small.Call("POST", kInstancesPath, Body("many", {{"instance_num", 2}})), 500,
              "DCS.5006", "Submit job failed.");
  EXPECT_EQ(small.registry.instances().size(), 1u) << "all or none";
  EXPECT_EQ(small.Call("POST", kInstancesPath, Body("demo-2")).status, 200);
}

TEST_F(InstanceHandlers, List_FiltersAndPagesOldestFirst) {
  for (int i = 1; i <= 12; ++i) Create("paged-" + std::to_string(i));
  Json list = sim.Get(kInstancesPath + "?name=paged");
  EXPECT_EQ(list["instance_num"], 12) << "all that match, not the page's length";
  ASSERT_EQ(list["instances"].size(), 10u);
  EXPECT_EQ(list["instances"][0]["name"], "paged-1");
  EXPECT_TRUE(list["instances"][0].contains("updated_at"));
  list = sim.Get(kInstancesPath + "?name=paged&offset=10&limit=5");
  ASSERT_EQ(list["instances"].size(), 2u);
  EXPECT_EQ(list["instances"][1]["name"], "paged-12");
  list = sim.Get(kInstancesPath + "?offset=100");
  EXPECT_EQ(list["instance_num"], 14);
  EXPECT_TRUE(list["instances"].is_array());
  EXPECT_TRUE(list["instances"].empty());
  EXPECT_EQ(sim.Get(kInstancesPath + "?name=paged-1&name_equal=true")["instance_num"], 1);
  EXPECT_EQ(sim.Get(kInstancesPath + "?instance_id=" + kRedis3)["instances"][0]["engine_version"],
            "3.0");
  ExpectError(sim.Call("GET", kInstancesPath + "?limit=0"), 400, "DCS.4062",
              "Invalid limit parameter in the request.");
}

TEST_F(InstanceHandlers, InstancesAreIndependent) {
  const std::string path = Create("other");
  sim.events.Advance(5'000);
  sim.Fill(/*expired=*/100, /*live=*/0);
  sim.Create();
  sim.events.Advance(60'000);
  EXPECT_EQ(sim.Get(kHistoriesPath)["total"], 100);
  EXPECT_EQ(sim.Get(path + "/auto-expire/histories")["count"], 0);
  EXPECT_EQ(sim.Call("POST", path + "/scan-expire-keys-task").status, 200);
  sim.events.Advance(60'000);
  EXPECT_EQ(sim.Get(path + "/auto-expire/histories")["count"], 1);
}

TEST_F(InstanceHandlers, Redis3CanBeCreatedAndRefusesScans) {
  const std::string path =
      Create("old-one", {{"engine_version", "3.0"}, {"spec_code", "dcs.master_standby"}});
  sim.events.Advance(5'000);
  ExpectError(sim.Call("POST", path + "/scan-expire-keys-task"), 400, "DCS.4818",
              "Do not support auto expire scan.");
}

TEST_F(InstanceHandlers, Groups_AreShownUnderTheirPath) {
  const Json groups = sim.Get("/v2/" + kProject + "/instance/" + kInstance + "/groups");
  EXPECT_EQ(groups["group_count"], 1);
  ExpectError(sim.Call("GET", kInstancePath + "/groups"), 404, "DCS.4001",
              "The requested URL does not exist.");
}

// ---- States other than RUNNING -------------------------------------------------------------------

TEST_F(InstanceHandlers, NotRunning_ScansAreRefusedButReadsWork) {
  const std::string path = Create("new-one");
  const std::string autoscan = path + "/scan-expire-keys/autoscan-config";
  for (const std::string operation : {"/scan-expire-keys-task", "/auto-expire/scan"}) {
    ExpectError(sim.Call("POST", path + operation), 400, "DCS.4049",
                "The instance status is not running.");
  }
  ExpectError(sim.Call("PUT", autoscan, R"({"enable_auto_scan":false})"), 400, "DCS.4049",
              "The instance status is not running.");
  EXPECT_EQ(sim.Get(path + "/auto-expire/histories")["count"], 0);
  EXPECT_EQ(sim.Get(autoscan)["enable_auto_scan"], false);
  EXPECT_EQ(sim.Get(path + "/configs")["status"], "CREATING");
}

TEST_F(InstanceHandlers, RestartAndFlush_PassThroughTheirStatuses) {
  sim.Fill(/*expired=*/10, /*live=*/20);
  EXPECT_EQ(Action("flush", {kInstance}).dump(),
            R"([{"instance":")" + kInstance + R"(","result":"success"}])");
  EXPECT_EQ(Status(kInstancePath), "FLUSHING");
  EXPECT_EQ(sim.keyspace().size(), 0u);
  sim.events.Advance(60'000);
  EXPECT_EQ(Status(kInstancePath), "RUNNING");
  for (const std::string action : {"restart", "soft_restart"}) {
    Action(action, {kInstance});
    EXPECT_EQ(Status(kInstancePath), "RESTARTING");
    sim.events.Advance(60'000);
    EXPECT_EQ(Status(kInstancePath), "RUNNING");
  }
}

TEST_F(InstanceHandlers, Restart_FailsTheRunningScan) {
  sim.Fill(/*expired=*/500, /*live=*/500);
  sim.Create();
  sim.events.Advance(6);
  Action("restart", {kInstance});
  const Json record = sim.Get(kHistoriesPath)["records"][0];
  EXPECT_EQ(record["status"], "failed");
  EXPECT_GT(record["num"], 0) << "what it had found";
}

TEST_F(InstanceHandlers, Action_ReportsEachInstance) {
  const std::string missing = "00000000-cebf-4473-95c4-d1b573c16e79";
  const Json results = Action("restart", {kInstance, missing, kRedis3, kInstance});
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(results[0]["result"], "success");
  EXPECT_EQ(results[1]["instance"], missing);
  EXPECT_EQ(results[1]["result"], "failed");
  EXPECT_EQ(results[2]["result"], "success");
  EXPECT_EQ(results[3]["result"], "failed") << "it is restarting already";
}

TEST_F(InstanceHandlers, InvalidAction_IsRefusedAsAWhole) {
  const std::string path = kInstancesPath + "/status";
  const auto body = [](Json instances, Json action) {
    return Json{{"instances", std::move(instances)}, {"action", std::move(action)}}.dump();
  };
  ExpectError(sim.Call("PUT", path), 400, "DCS.4004", "Empty request body.");
  ExpectError(sim.Call("PUT", path, "flush"), 400, "DCS.4005",
              "The message body contains invalid characters or is not in JSON format.");
  ExpectError(sim.Call("PUT", path, body({kInstance}, "stop")), 400, "DCS.4064",
              "The action parameter in the request must be start, stop, or restart.");
  ExpectError(sim.Call("PUT", path, body(nullptr, "flush")), 400, "DCS.4065",
              "The instances parameter in the request cannot be a null value or left unspecified.");
  ExpectError(sim.Call("PUT", path, body(Json(51, kInstance), "flush")), 400, "DCS.4100",
              "The number of instance IDs in an instances array cannot exceed 50.");
  ExpectError(sim.Call("PUT", path, body({kInstance, "x"}, "flush")), 400, "DCS.4061",
              "Invalid instance ID format.");
  EXPECT_EQ(Status(kInstancePath), "RUNNING") << "nothing has begun";
}

// ---- Delete -------------------------------------------------------------------------------------

TEST_F(InstanceHandlers, Delete_IsDeletingThenUnknown) {
  const std::string path = Create("short-lived");
  sim.events.Advance(5'000);
  const HttpResponse response = sim.Call("DELETE", path);
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
  EXPECT_NE(response.headers.Find("X-Request-Id"), nullptr);
  EXPECT_EQ(Status(path), "DELETING");
  ExpectError(sim.Call("DELETE", path), 400, "DCS.4026",
              "This operation is not allowed when the DCS instance is in the current state.");
  sim.events.Advance(5'000);
  for (const std::string method : {"GET", "DELETE"}) {
    ExpectError(sim.Call(method, path), 404, "DCS.3022", "This DCS instance does not exist.");
  }
  EXPECT_EQ(sim.Get(kInstancesPath)["instance_num"], 2);
  Create("short-lived");  // its name is available again
}

TEST_F(InstanceHandlers, Delete_WhileStarting_IsRefused) {
  const std::string message =
      "DCS instances in the Creating, Starting, Stopping, or Restarting state cannot be deleted.";
  ExpectError(sim.Call("DELETE", Create("new-one")), 400, "DCS.4099", message);
  Action("restart", {kInstance});
  ExpectError(sim.Call("DELETE", kInstancePath), 400, "DCS.4099", message);
  sim.events.Advance(60'000);
  Action("flush", {kInstance});
  ExpectError(sim.Call("DELETE", kInstancePath), 400, "DCS.4026",
              "This operation is not allowed when the DCS instance is in the current state.");
}

TEST_F(InstanceHandlers, Delete_LastInstance_LeavesEmptyList) {
  for (const std::string& id : {kInstance, kRedis3}) {
    EXPECT_EQ(sim.Call("DELETE", kInstancesPath + "/" + id).status, 204);
  }
  sim.events.Advance(5'000);
  EXPECT_EQ(sim.Get(kInstancesPath).dump(), R"({"instance_num":0,"instances":[]})");
  EXPECT_EQ(Json::parse(sim.Send("GET", "/_sim/census").body)["keys"], 0);
}

TEST_F(InstanceHandlers, PortInUse_IsRefused) {
  const auto create = [&](const std::string& name, int port, int instances = 1) {
    return sim.Call("POST", kInstancesPath,
                    Body(name, {{"port", port}, {"instance_num", instances}}));
  };
  const auto expect_refused = [&](int port, int instances = 1) {
    ExpectError(create("demo-2", port, instances), 400, "DCS.4062",
                "Invalid port parameter in the request.");
  };
  expect_refused(sim.registry.Find(kInstance)->master().resp_port);
  ASSERT_EQ(create("demo-1", 6'500).status, 200);
  expect_refused(6'500);  // CREATING: it is about to get the port
  sim.events.Advance(5'000);
  expect_refused(6'500);
  sim.fronts.taken.insert(6'501);  // by another process
  expect_refused(6'501);
  expect_refused(6'502, 2);  // no two instances can have it
  EXPECT_EQ(sim.registry.instances().size(), 3u);
  EXPECT_EQ(create("demo-2", 6'502).status, 200);
}

// ---- Paths and methods --------------------------------------------------------------------------

TEST_F(InstanceHandlers, WrongMethodsAndOddPaths_GetDocumentedErrors) {
  for (const auto& [method, path, allowed] :
       {std::tuple{"PUT", kInstancesPath, "POST, GET, HEAD, OPTIONS"},
        {"DELETE", kInstancesPath, "POST, GET, HEAD, OPTIONS"},
        {"POST", kInstancePath, "GET, DELETE, HEAD, OPTIONS"},
        {"PATCH", kInstancePath + "/configs", "GET, PUT, HEAD, OPTIONS"}}) {
    const HttpResponse response = sim.Call(method, path);
    ExpectError(response, 405, "DCS.5001", "This request method is not allowed.");
    EXPECT_EQ(*response.headers.Find("Allow"), allowed);
  }
  for (const std::string& id :
       {std::string("%7Binstance_id%7D"), std::string("1"), std::string("status"), kInstance + "0",
        "%00" + kInstance, std::string(5'000, 'a')}) {
    ExpectError(sim.Call("GET", kInstancesPath + "/" + id), 400, "DCS.4061",
                "Invalid instance ID format.");
  }
  for (const std::string& path : {kInstancePath + "/", kInstancesPath + "/"}) {
    for (const char* method : {"GET", "POST", "DELETE"}) {
      ExpectError(sim.Call(method, path), 404, "DCS.4001", "The requested URL does not exist.");
    }
  }
  ExpectError(sim.Call("GET", "/v2/x/instances"), 400, "DCS.4002", "Invalid project ID format.");
  ExpectError(sim.Call("GET", "/v1.0/" + kProject + "/instances"), 404, "DCS.4001",
              "The requested URL does not exist.");
}

}  // namespace
}  // namespace dcs::rest
