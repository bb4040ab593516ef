#include "api/rest/config_handlers.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

class ConfigHandlers : public ApiTest {
 protected:
  static Json Entry(const std::string& id, const std::string& name, Json value) {
    return {{"param_id", id}, {"param_name", name}, {"param_value", std::move(value)}};
  }
  HttpResponse Put(Json entries) {
    return sim.Call("PUT", path, Json{{"redis_config", std::move(entries)}}.dump());
  }
  std::map<std::string, std::string> Values() {
    std::map<std::string, std::string> values;
    const Json answer = sim.Get(path);
    for (const Json& row : answer["redis_config"]) {
      values[row["param_name"]] = row["param_value"];
    }
    return values;
  }

  const std::string path = kInstancePath + "/configs";
};

TEST_F(ConfigHandlers, ListsParametersWithRangesAndDefaults) {
  const Json answer = sim.Get(path);
  EXPECT_EQ(answer["instance_id"], kInstance);
  EXPECT_EQ(answer["status"], "RUNNING");
  EXPECT_EQ(answer["config_status"], "SUCCESS");
  EXPECT_EQ(answer["config_time"], "2020-06-15T02:21:18.669Z");
  std::map<std::string, Json> rows;
  for (const Json& row : answer["redis_config"]) rows[row["param_name"]] = row;
  for (const char* name :
       {"active-expire-num", "hz", "active-expire-effort", "lazyfree-lazy-expire",
        "notify-keyspace-events", "timeout", "maxmemory-policy", "maxclients"}) {
    EXPECT_TRUE(rows.contains(name)) << name;
  }
  EXPECT_EQ(rows["active-expire-num"].dump(),
            R"({"param_id":"35","param_name":"active-expire-num","param_value":"20",)"
            R"("default_value":"20","value_type":"Integer","value_range":"1-1000",)"
            R"("description":"How many keys with a deadline a cycle of natural deletion looks at )"
            R"(in a time."})");
}

TEST_F(ConfigHandlers, Change_Answers204AndIsShown) {
  sim.events.Advance(1'000);
  const HttpResponse response =
      Put({Entry("1", "timeout", "100"), Entry("35", "active-expire-num", "500")});
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(Values()["timeout"], "100");
  EXPECT_EQ(Values()["active-expire-num"], "500");
  EXPECT_EQ(Values()["hz"], "10") << "the others stay";
  const Json answer = sim.Get(path);
  EXPECT_EQ(answer["config_time"], "2020-06-15T02:21:19.669Z");
  for (const Json& row : answer["redis_config"]) {
    if (row["param_name"] == "timeout") {
      EXPECT_EQ(row["default_value"], "0");
    }
  }
}

TEST_F(ConfigHandlers, Change_TakesEffectInRedis) {
  ASSERT_EQ(Put({Entry("1001", "hz", "100")}).status, 204);
  const uint16_t port = sim.registry.Find(kInstance)->master().resp_port;
  EXPECT_EQ(sim.fronts.parameters[port]["hz"], "100");
}

TEST_F(ConfigHandlers, ValueOutOfRange_IsNamedAndChangesNothing) {
  const std::map<std::string, std::string> before = Values();
  const std::tuple<Json, std::string> cases[] = {
      {Entry("1", "timeout", "7201"), "timeout"},
      {Entry("1", "timeout", "-1"), "timeout"},
      {Entry("1", "timeout", ""), "timeout"},
      {Entry("35", "active-expire-num", "0"), "active-expire-num"},
      {Entry("1003", "lazyfree-lazy-expire", "maybe"), "lazyfree-lazy-expire"},
      {Entry("13", "notify-keyspace-events", "nonsense"), "notify-keyspace-events"},
      {Entry("2", "maxmemory-policy", "LRU"), "maxmemory-policy"},
      {Entry("2", "timeout", "100"), "timeout"},  // another's ID
      {Entry("99", "no-such-parameter", "1"), "no-such-parameter"},
  };
  for (const auto& [entry, name] : cases) {
    ExpectError(Put({Entry("1001", "hz", "50"), entry}), 400, "DCS.4066",
                "Invalid value of the configure parameter " + name + ".");
  }
  ExpectError(Put({Entry("1001", "hz", "50"), Entry("1001", "hz", "60")}), 400, "DCS.4066",
              "Invalid value of the configure parameter hz.");
  EXPECT_EQ(Values(), before);
}

TEST_F(ConfigHandlers, MissingMember_IsNamed) {
  for (const std::string body : {"{}", R"({"redis_config":null})", R"({"redis_config":[]})",
                                 R"({"redis_config":{}})", R"({"redis_config":["hz"]})"}) {
    ExpectError(sim.Call("PUT", path, body), 400, "DCS.4062",
                "Invalid redis_config parameter in the request.");
  }
  for (const char* name : {"param_id", "param_name", "param_value"}) {
    Json entry = Entry("1", "timeout", "100");
    entry.erase(name);
    ExpectError(Put({entry}), 400, "DCS.4062",
                std::string("Invalid ") + name + " parameter in the request.");
  }
  ExpectError(Put({Entry("1", "timeout", 100)}), 400, "DCS.4062",
              "Invalid param_value parameter in the request.");
  ExpectError(sim.Call("PUT", path), 400, "DCS.4004", "Empty request body.");
  ExpectError(sim.Call("PUT", path, "{"), 400, "DCS.4005",
              "The message body contains invalid characters or is not in JSON format.");
}

TEST_F(ConfigHandlers, OlderEngine_HasFewerParameters) {
  std::set<std::string> names;
  const std::string redis3 = "/v2/" + kProject + "/instances/" + kRedis3 + "/configs";
  const Json answer = sim.Get(redis3);
  for (const Json& row : answer["redis_config"]) names.insert(row["param_name"]);
  EXPECT_TRUE(names.contains("timeout"));
  EXPECT_FALSE(names.contains("active-expire-num")) << "not before Redis 4.0";
  const std::string body = Json{{"redis_config", {Entry("35", "active-expire-num", "30")}}}.dump();
  ExpectError(sim.Call("PUT", redis3, body), 400, "DCS.4066",
              "Invalid value of the configure parameter active-expire-num.");
}

TEST_F(ConfigHandlers, InstanceNotRunning_CannotBeConfigured) {
  const auto put = [&](const std::string& where) {
    return sim.Call("PUT", where, Json{{"redis_config", {Entry("1001", "hz", "50")}}}.dump());
  };
  sim.lifecycle.Restart(*sim.registry.Find(kInstance), api::RestartKind::kInstance);
  ExpectError(put(path), 400, "DCS.4111", "the instance is restarting.");
  sim.events.Advance(60'000);
  sim.lifecycle.Flush(*sim.registry.Find(kInstance));
  ExpectError(put(path), 400, "DCS.4026",
              "This operation is not allowed when the DCS instance is in the current state.");
  api::InstanceSpec spec;
  spec.id = "10101010-cebf-4473-95c4-d1b573c16e79";
  spec.name = "creating";
  ASSERT_TRUE(sim.lifecycle.Create(spec).ok());
  ExpectError(put("/v2/" + kProject + "/instances/" + spec.id + "/configs"), 400, "DCS.4118",
              "the instance is creating.");
}

}  // namespace
}  // namespace dcs::rest
