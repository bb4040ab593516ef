// What the API refuses by a request's head, before the body is read.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

const std::string kAutoscanPath = kInstancePath + "/scan-expire-keys/autoscan-config";

class ApiHead : public ApiTest {
 protected:
  HeadVerdict Check(std::string_view method, std::string_view target, Headers headers) {
    return sim.api.CheckHead(*MakeRequest(method, target, std::move(headers), ""));
  }
  // The head of a request with a body, signed as the client signs it.
  HeadVerdict CheckSigned(const Credential& credential, const std::string& target,
                          store::TimeMs time = SimulatedApi::kStart) {
    HttpRequest request = *MakeRequest("PUT", target, {{"Host", "h"}}, R"({"a":1})");
    Sign(request, credential, time);
    request.body.clear();
    return sim.api.CheckHead(request);
  }
  static void ExpectRefusal(const HeadVerdict& verdict, int status, std::string_view code) {
    ASSERT_TRUE(verdict.refusal.has_value());
    EXPECT_EQ(verdict.refusal->status, status);
    EXPECT_EQ(Json::parse(verdict.refusal->body)["error_code"], code);
    EXPECT_NE(verdict.refusal->headers.Find("X-Request-Id"), nullptr);
  }
};

TEST_F(ApiHead, LetsGoodRequestsPass) {
  EXPECT_FALSE(Check("PUT", kAutoscanPath, {{"X-Auth-Token", "a-token"}}).refusal);
  EXPECT_FALSE(Check("GET", "/_sim/health", {}).refusal);
  EXPECT_FALSE(Check("POST", "/v3/auth/tokens", {}).refusal);
  EXPECT_FALSE(CheckSigned(kCredential, kAutoscanPath).refusal);
}

TEST_F(ApiHead, RefusesUnknownUrlsAndMethods) {
  ExpectRefusal(Check("POST", "/nowhere", {}), 404, "DCS.4001");
  const HeadVerdict verdict = Check("DELETE", kAutoscanPath, {});
  ExpectRefusal(verdict, 405, "DCS.5001");
  ASSERT_NE(verdict.refusal->headers.Find("Allow"), nullptr);
}

TEST_F(ApiHead, RefusesMissingAndWrongTokens) {
  ExpectRefusal(Check("PUT", kAutoscanPath, {}), 401, "DCS.1003");
  ExpectRefusal(Check("PUT", kAutoscanPath, {{"X-Auth-Token", "x"}}), 401, "DCS.1001");
}

TEST_F(ApiHead, ChecksRoleProjectAndInstanceOfATokensRequest) {
  ExpectRefusal(Check("PUT", kAutoscanPath, {{"X-Auth-Token", "reader-token"}}), 403, "DCS.3002");
  const Headers token = {{"X-Auth-Token", "a-token"}};
  ExpectRefusal(Check("PUT", "/v2/x/instances/x/configs", token), 400, "DCS.4002");
  const std::string other = "00000000-cebf-4473-95c4-d1b573c16e79";
  ExpectRefusal(Check("PUT", "/v2/" + kProject + "/instances/" + other + "/configs", token), 404,
                "DCS.3022");
}

TEST_F(ApiHead, RefusesASignatureThatTheHeadProvesWrong) {
  ExpectRefusal(CheckSigned({"NOBODY", "x"}, kAutoscanPath), 401, "APIGW.0301");
  ExpectRefusal(CheckSigned(kCredential, kAutoscanPath, SimulatedApi::kStart + 16 * 60 * 1000), 401,
                "APIGW.0301");
  ExpectRefusal(Check("PUT", kAutoscanPath,
                      {{"Authorization", "SDK-HMAC-SHA256 Access=" + kCredential.access_key}}),
                401, "APIGW.0301");
}

// Whether the instance exists is for those only who have proven who they are.
TEST_F(ApiHead, SaysNothingAboutTheInstanceBeforeASignatureIsProven) {
  const std::string missing =
      "/v2/" + kProject + "/instances/00000000-cebf-4473-95c4-d1b573c16e79/configs";
  EXPECT_FALSE(CheckSigned(kCredential, missing).refusal);
  EXPECT_FALSE(CheckSigned(kReader, kAutoscanPath).refusal);
}

TEST_F(ApiHead, HeadFailuresCountForTheLockOnce) {
  const store::TimeMs late = SimulatedApi::kStart + 16 * 60 * 1000;
  for (int i = 0; i < KeyLock::kFailures - 1; ++i) CheckSigned(kCredential, kAutoscanPath, late);
  EXPECT_FALSE(CheckSigned(kCredential, kAutoscanPath).refusal);
  CheckSigned(kCredential, kAutoscanPath, late);
  const HeadVerdict locked = CheckSigned(kCredential, kAutoscanPath);
  ExpectRefusal(locked, 401, "APIGW.0301");
  EXPECT_NE(locked.refusal->body.find("failed to reach the limit"), std::string::npos);
}

// A head that passes proves nothing: it must not end a row of failures.
TEST_F(ApiHead, AHeadThatPassesDoesNotForgetFailures) {
  HttpRequest wrong = *MakeRequest("GET", kHistoriesPath, {{"Host", "h"}}, "");
  Sign(wrong, {kCredential.access_key, "wrong"}, SimulatedApi::kStart);
  for (int i = 0; i < KeyLock::kFailures; ++i) {
    EXPECT_FALSE(sim.api.CheckHead(wrong).refusal);
    EXPECT_EQ(sim.Handle(wrong).status, 401);
  }
  EXPECT_TRUE(CheckSigned(kCredential, kAutoscanPath).refusal);
}

}  // namespace
}  // namespace dcs::rest
