#include "api/rest/iam_handlers.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

using IamHandlers = ApiTest;

TEST_F(IamHandlers, ConfiguredRegion_HasTheProject) {
  const Json answer = sim.Get("/v3/projects?name=cn-north-4");
  ASSERT_EQ(answer["projects"].size(), 1u);
  EXPECT_EQ(answer["projects"][0]["id"], kProject);
  EXPECT_EQ(answer["projects"][0]["name"], "cn-north-4");
  EXPECT_EQ(answer["projects"][0]["enabled"], true);
  EXPECT_TRUE(answer["links"]["next"].is_null());
}

TEST_F(IamHandlers, NoName_ShowsTheConfiguredProject) {
  EXPECT_EQ(sim.Get("/v3/projects")["projects"][0]["name"], "cn-north-4");
}

TEST_F(IamHandlers, LinksUseTheRequestsHost) {
  const HttpResponse response =
      sim.Send("GET", "/v3/projects", {{"X-Auth-Token", "a-token"}, {"Host", "127.0.0.1:8080"}});
  const Json answer = Json::parse(response.body);
  EXPECT_EQ(answer["links"]["self"], "http://127.0.0.1:8080/v3/projects");
  EXPECT_EQ(answer["projects"][0]["links"]["self"],
            "http://127.0.0.1:8080/v3/projects/" + kProject);
}

TEST_F(IamHandlers, LinksUseHttpsUnderTls) {
  ApiOptions options = DefaultOptions();
  options.url_scheme = "https";
  SimulatedApi encrypted(options);
  const HttpResponse response =
      encrypted.Send("GET", "/v3/projects", {{"X-Auth-Token", "a-token"}, {"Host", "h"}});
  EXPECT_EQ(Json::parse(response.body)["links"]["self"], "https://h/v3/projects");
}

TEST_F(IamHandlers, OtherRegion_HasNoProject) {
  for (const char* name : {"ap-southeast-1", "CN-NORTH-4", "cn-north-4_sub", "%22%ff%00"}) {
    const Json answer = sim.Get(std::string("/v3/projects?name=") + name);
    EXPECT_EQ(answer["projects"], Json::array()) << name;
    EXPECT_TRUE(answer.contains("links"));
  }
}

TEST_F(IamHandlers, FurtherFiltersApply) {
  const std::string domain = sim.Get("/v3/projects")["projects"][0]["domain_id"];
  for (const std::string& query :
       {std::string("name="), "domain_id=" + domain, "parent_id=" + domain,
        std::string("enabled=true"), std::string("is_domain=false"), std::string("page=1"),
        std::string("page=1&per_page=10"), std::string("anything=else")}) {
    EXPECT_EQ(sim.Get("/v3/projects?" + query)["projects"].size(), 1u) << query;
  }
  for (const char* query : {"domain_id=x", "parent_id=x", "enabled=false", "is_domain=true",
                            "page=2", "name=cn-north-4&enabled=false"}) {
    EXPECT_EQ(sim.Get(std::string("/v3/projects?") + query)["projects"].size(), 0u) << query;
  }
}

TEST_F(IamHandlers, ExactlyOneAccountIsListed) {
  const Json answer = sim.Get("/v3/auth/domains");
  ASSERT_EQ(answer["domains"].size(), 1u);
  EXPECT_EQ(answer["domains"][0]["id"], sim.Get("/v3/projects")["projects"][0]["domain_id"]);
  EXPECT_EQ(answer["domains"][0]["name"], "dcs-sim");
}

TEST_F(IamHandlers, IamOperations_NeedCredentials) {
  ExpectError(sim.Send("GET", "/v3/projects"), 401, "DCS.1003", "No token in the request.");
  ExpectError(sim.Send("GET", "/v3/auth/domains"), 401, "DCS.1003", "No token in the request.");
}

}  // namespace
}  // namespace dcs::rest
