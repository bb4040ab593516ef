#include "api/rest/cors.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_replace.h"
#include "api/rest/routes.h"
#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

constexpr char kAllowed[] = "http://localhost:3000";
constexpr char kForeign[] = "http://evil.example";

class CrossOriginApi : public testing::Test {
 protected:
  CrossOriginApi() { sim.Add(kInstance, "7.0"); }

  static ApiOptions Options() {
    ApiOptions options = DefaultOptions();
    options.origins = {.hosts = HostRule::kLoopback, .allowed_origins = {kAllowed}};
    return options;
  }
  HttpResponse From(std::string_view origin, std::string_view method, std::string_view target,
                    Headers headers = {}) {
    headers.Add("Host", "localhost:8080");
    headers.Add("X-Auth-Token", "a-token");
    headers.Add("Origin", origin);
    return sim.Send(method, target, headers);
  }
  static std::string Value(const HttpResponse& response, std::string_view name) {
    const std::string* value = response.headers.Find(name);
    return value == nullptr ? "" : *value;
  }
  static void ExpectNoCors(const HttpResponse& response) {
    for (const Header& header : response.headers.all()) {
      EXPECT_FALSE(header.name.starts_with("Access-Control-")) << header.name;
    }
  }
  static std::string TargetOf(const Route& route) {
    return absl::StrReplaceAll(std::string(route.pattern),
                               {{"{project_id}", kProject}, {"{instance_id}", kInstance}});
  }
  SimulatedApi sim{Options()};
};

TEST_F(CrossOriginApi, ForeignOriginIsRefusedOnEveryRoute) {
  for (const Route& route : Routes()) {
    for (const char* origin : {kForeign, "null"}) {
      const HttpResponse response = From(origin, route.method, TargetOf(route));
      ExpectError(response, 403, "SIM.0004",
                  "Pages of this origin may not use the server. --allow-origin allows an origin.");
      ExpectNoCors(response);
    }
  }
  for (const char* target : {"/", "/metrics", "/_sim/nothing", "/v2"}) {
    EXPECT_EQ(From(kForeign, "GET", target).status, 403) << target;
  }
  EXPECT_EQ(sim.registry.instances().size(), 1u);
}

TEST_F(CrossOriginApi, ForeignPreflightIsRefused) {
  const HttpResponse response =
      From(kForeign, "OPTIONS", "/_sim/reset", {{"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(response.status, 403);
  ExpectNoCors(response);
}

TEST_F(CrossOriginApi, ForeignOriginMayUseNeitherHeadNorOptions) {
  for (const Route& route : Routes()) {
    for (const char* method : {"HEAD", "OPTIONS"}) {
      const HttpResponse response = From(kForeign, method, TargetOf(route));
      EXPECT_EQ(response.status, 403) << method << route.pattern;
      ExpectNoCors(response);
    }
  }
  EXPECT_EQ(From(kForeign, "OPTIONS", "*").status, 403);
}

TEST_F(CrossOriginApi, ForeignHostIsRefusedOnEveryRoute) {
  for (const Route& route : Routes()) {
    const HttpResponse response =
        sim.Send(route.method, TargetOf(route),
                 {{"Host", "evil.example:8080"}, {"X-Auth-Token", "a-token"}});
    ExpectError(response, 403, "SIM.0005",
                "The server does not answer to this Host. --allow-host allows a host.");
  }
}

TEST_F(CrossOriginApi, OwnPageIsAnsweredWithoutCors) {
  const HttpResponse response = From("http://localhost:8080", "POST", "/_sim/sweep");
  EXPECT_EQ(response.status, 200);
  ExpectNoCors(response);
}

TEST_F(CrossOriginApi, AllowedOrigin_MayReadEveryAnswer) {
  for (const auto& [method, target, status] : {std::tuple("GET", kHistoriesPath, 200),
                                               {"POST", std::string("/_sim/sweep"), 200},
                                               {"POST", std::string("/_sim/reset"), 200},
                                               {"GET", std::string("/nothing"), 404},
                                               {"PUT", kHistoriesPath, 405}}) {
    const HttpResponse response = From(kAllowed, method, target);
    EXPECT_EQ(response.status, status) << target;
    EXPECT_EQ(Value(response, "Access-Control-Allow-Origin"), kAllowed) << target;
    EXPECT_EQ(Value(response, "Vary"), "Origin") << target;
    EXPECT_EQ(response.headers.Find("Access-Control-Allow-Credentials"), nullptr);
  }
}

TEST_F(CrossOriginApi, AllowedPreflight_AnswersMethodsAndHeaders) {
  const HttpResponse response =
      sim.Send("OPTIONS", kScanPath,
               {{"Host", "localhost:8080"},
                {"Origin", kAllowed},
                {"Access-Control-Request-Method", "POST"},
                {"Access-Control-Request-Headers", "authorization,x-sdk-date, x-auth-token"}});
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(Value(response, "Access-Control-Allow-Origin"), kAllowed);
  EXPECT_EQ(Value(response, "Access-Control-Allow-Methods"), "POST");
  EXPECT_EQ(Value(response, "Access-Control-Allow-Headers"),
            "authorization,x-sdk-date, x-auth-token");
  EXPECT_EQ(Value(response, "Access-Control-Max-Age"), "600");
  EXPECT_EQ(sim.Get(kHistoriesPath)["count"], 0);
}

TEST_F(CrossOriginApi, Preflight_InvalidHeaderNames_AllowsNone) {
  const HttpResponse response =
      From(kAllowed, "OPTIONS", kScanPath,
           {{"Access-Control-Request-Method", "POST"}, {"Access-Control-Request-Headers", "a: b"}});
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.Find("Access-Control-Allow-Headers"), nullptr);
}

TEST_F(CrossOriginApi, OptionsWithoutPreflight_AllowsNothing) {
  const HttpResponse response = From(kAllowed, "OPTIONS", kScanPath);
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.Find("Access-Control-Allow-Methods"), nullptr);
  EXPECT_EQ(response.headers.Find("Access-Control-Allow-Headers"), nullptr);
  EXPECT_EQ(
      From(kAllowed, "OPTIONS", "/nothing", {{"Access-Control-Request-Method", "GET"}}).status,
      404);
}

}  // namespace
}  // namespace dcs::rest
