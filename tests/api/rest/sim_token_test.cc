#include "api/rest/sim_token.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "api/rest/routes.h"
#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

constexpr char kToken[] = "a-simulator-token";

bool Carries(Headers headers) {
  return CarriesSimToken(*MakeRequest("GET", "/", std::move(headers), ""), kToken);
}

TEST(SimToken, EitherHeaderMayCarryTheToken) {
  EXPECT_TRUE(Carries({{"X-Sim-Token", kToken}}));
  EXPECT_TRUE(Carries({{"Authorization", std::string("Bearer ") + kToken}}));
  EXPECT_TRUE(Carries({{"authorization", std::string("bearer ") + kToken}}));
}

TEST(SimToken, MustMatchToTheByte) {
  const std::string token = kToken;
  for (const std::string& other :
       {std::string(), token + " ", " " + token, token + "=", token + ",", token.substr(1),
        std::string("A-simulator-token")}) {
    EXPECT_FALSE(Carries({{"X-Sim-Token", other}})) << other;
    EXPECT_FALSE(Carries({{"Authorization", "Bearer " + other}})) << other;
  }
  EXPECT_FALSE(Carries({}));
  EXPECT_FALSE(Carries({{"Authorization", token}}));
  EXPECT_FALSE(Carries({{"Authorization", "Basic " + token}}));
  EXPECT_FALSE(Carries({{"Authorization", "Bearer"}}));
  EXPECT_FALSE(Carries({{"X-Auth-Token", token}}));
}

TEST(SimToken, WrongOrDuplicateHeader_IsRefused) {
  const Header right{"X-Sim-Token", kToken};
  const Header bearer{"Authorization", std::string("Bearer ") + kToken};
  EXPECT_FALSE(Carries({right, right}));
  EXPECT_FALSE(Carries({bearer, bearer}));
  EXPECT_FALSE(Carries({{"X-Sim-Token", "wrong"}, bearer}));
}

// ---- In the API

class ProtectedApi : public testing::Test {
 protected:
  ProtectedApi() { sim.Add(kInstance, "7.0"); }

  static ApiOptions Options() {
    ApiOptions options = DefaultOptions();
    options.sim_token = kToken;
    return options;
  }
  SimulatedApi sim{Options()};
};

TEST_F(ProtectedApi, EverySimOperation_NeedsTheToken) {
  int own = 0;
  for (const Route& route : Routes()) {
    if (!route.pattern.starts_with("/_sim")) continue;
    ++own;
    // Neither missing credentials nor the API's credentials open it.
    for (const Headers& headers :
         {Headers{}, Headers{{"X-Auth-Token", "a-token"}}, Headers{{"X-Sim-Token", "wrong"}},
          Headers{{"Authorization", "Bearer a-token"}}}) {
      ExpectError(sim.Send(route.method, route.pattern, headers), 401, "SIM.0006",
                  "This operation needs the simulator's token, in X-Sim-Token or Authorization: "
                  "Bearer.");
    }
    const HttpResponse response = sim.Send(route.method, route.pattern, {{"X-Sim-Token", kToken}});
    EXPECT_NE(response.status, 401) << route.pattern;
  }
  EXPECT_GE(own, 10);
}

TEST_F(ProtectedApi, EscapedPaths_NeedTheToken) {
  for (const std::string_view target :
       {"/%5Fsim/census", "/%5fsim/%63ensus", "http://h/_sim/census"}) {
    EXPECT_EQ(sim.Send("GET", target).status, 401) << target;
  }
}

TEST_F(ProtectedApi, ResetWithoutToken_RemovesNoLock) {
  const auto signed_with = [&](const std::string& secret) {
    HttpRequest request = *MakeRequest("GET", kHistoriesPath, {}, "");
    Sign(request, {kCredential.access_key, secret}, sim.clock.Now());
    return sim.Handle(request).status;
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(signed_with("wrong"), 401);
  EXPECT_EQ(sim.Send("POST", "/_sim/reset").status, 401);
  EXPECT_EQ(signed_with(kCredential.secret_key), 401) << "still locked";
  EXPECT_EQ(sim.Send("POST", "/_sim/reset", {{"X-Sim-Token", kToken}}).status, 200);
  EXPECT_EQ(signed_with(kCredential.secret_key), 200);
}

TEST_F(ProtectedApi, SimToken_OpensNoOtherOperation) {
  ExpectError(sim.Send("GET", kHistoriesPath, {{"X-Sim-Token", kToken}}), 401, "DCS.1003",
              "No token in the request.");
  ExpectError(sim.Send("GET", kHistoriesPath, {{"X-Auth-Token", kToken}}), 401, "DCS.1001",
              "Invalid token.");
}

TEST(SimTokenOff, NoTokenSet_NeedsNone) {
  SimulatedApi open;
  open.Add(kInstance, "7.0");
  EXPECT_EQ(open.Send("GET", "/_sim/census").status, 200);
  EXPECT_EQ(open.Send("GET", "/_sim/census", {{"X-Sim-Token", ""}}).status, 200);
}

}  // namespace
}  // namespace dcs::rest
