// Tests of requests refused by their head, before the body is read.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>

#include "api/rest/guess_limit.h"
#include "api/rest/routes.h"
#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

const std::string kAutoscanPath = kInstancePath + "/scan-expire-keys/autoscan-config";

class ApiHead : public ApiTest {
 protected:
  HeadVerdict Check(std::string_view method, std::string_view target, Headers headers) {
    return sim.api.CheckHead(*MakeRequest(method, target, std::move(headers), ""));
  }
  // The verdict on a request's head with a body, signed as a client signs it.
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

TEST_F(ApiHead, ValidRequest_Passes) {
  EXPECT_FALSE(Check("PUT", kAutoscanPath, {{"X-Auth-Token", "a-token"}}).refusal);
  EXPECT_FALSE(Check("GET", "/_sim/health", {}).refusal);
  EXPECT_FALSE(Check("POST", "/v3/auth/tokens", {}).refusal);
  EXPECT_FALSE(CheckSigned(kCredential, kAutoscanPath).refusal);
}

// Such bodies are read to the end, which may prove them malformed, but not kept.
TEST_F(ApiHead, UnknownUrlOrMethod_IsAnsweredAfterTheBody) {
  for (const HeadVerdict& verdict :
       {Check("POST", "/nowhere", {}), Check("DELETE", kAutoscanPath, {})}) {
    EXPECT_FALSE(verdict.refusal);
    EXPECT_FALSE(verdict.keep_body);
  }
}

TEST_F(ApiHead, ForeignOrigin_IsRefusedOnEveryUrl) {
  const Headers foreign = {{"Host", "127.0.0.1"}, {"Origin", "http://evil.example"}};
  for (const Route& route : Routes()) {
    ExpectRefusal(Check(route.method, route.pattern, foreign), 403, "SIM.0004");
  }
  ExpectRefusal(Check("POST", "/nowhere", foreign), 403, "SIM.0004");
  ExpectRefusal(Check("OPTIONS", "/_sim/reset", foreign), 403, "SIM.0004");
}

TEST_F(ApiHead, RefusesMissingAndWrongTokens) {
  ExpectRefusal(Check("PUT", kAutoscanPath, {}), 401, "DCS.1003");
  ExpectRefusal(Check("PUT", kAutoscanPath, {{"X-Auth-Token", "x"}}), 401, "DCS.1001");
}

TEST_F(ApiHead, TokenRequest_ChecksRoleProjectAndInstance) {
  ExpectRefusal(Check("PUT", kAutoscanPath, {{"X-Auth-Token", "reader-token"}}), 403, "DCS.3002");
  const Headers token = {{"X-Auth-Token", "a-token"}};
  ExpectRefusal(Check("PUT", "/v2/x/instances/x/configs", token), 400, "DCS.4002");
  const std::string other = "00000000-cebf-4473-95c4-d1b573c16e79";
  ExpectRefusal(Check("PUT", "/v2/" + kProject + "/instances/" + other + "/configs", token), 404,
                "DCS.3022");
}

TEST_F(ApiHead, SignatureWrongByHead_IsRefused) {
  ExpectRefusal(CheckSigned({"NOBODY", "x"}, kAutoscanPath), 401, "APIGW.0301");
  ExpectRefusal(CheckSigned(kCredential, kAutoscanPath, SimulatedApi::kStart + 16 * 60 * 1000), 401,
                "APIGW.0301");
  ExpectRefusal(Check("PUT", kAutoscanPath,
                      {{"Authorization", "SDK-HMAC-SHA256 Access=" + kCredential.access_key}}),
                401, "APIGW.0301");
}

// Only authenticated clients learn whether the instance exists.
TEST_F(ApiHead, UnverifiedSignature_RevealsNoInstance) {
  const std::string missing =
      "/v2/" + kProject + "/instances/00000000-cebf-4473-95c4-d1b573c16e79/configs";
  EXPECT_FALSE(CheckSigned(kCredential, missing).refusal);
  EXPECT_FALSE(CheckSigned(kReader, kAutoscanPath).refusal);
}

TEST_F(ApiHead, HeadFailure_CountsOnceForTheLock) {
  const store::TimeMs late = SimulatedApi::kStart + 16 * 60 * 1000;
  for (int i = 0; i < GuessLimit::kFailures - 1; ++i) CheckSigned(kCredential, kAutoscanPath, late);
  EXPECT_FALSE(CheckSigned(kCredential, kAutoscanPath).refusal);
  CheckSigned(kCredential, kAutoscanPath, late);
  const HeadVerdict locked = CheckSigned(kCredential, kAutoscanPath);
  ExpectRefusal(locked, 401, "APIGW.0301");
  EXPECT_NE(locked.refusal->body.find("failed to reach the limit"), std::string::npos);
}

// A valid head proves nothing yet: it must not reset the count of failures.
TEST_F(ApiHead, ValidHead_KeepsFailureCount) {
  HttpRequest wrong = *MakeRequest("GET", kHistoriesPath, {{"Host", "h"}}, "");
  Sign(wrong, {kCredential.access_key, "wrong"}, SimulatedApi::kStart);
  for (int i = 0; i < GuessLimit::kFailures; ++i) {
    EXPECT_FALSE(sim.api.CheckHead(wrong).refusal);
    EXPECT_EQ(sim.Handle(wrong).status, 401);
  }
  EXPECT_TRUE(CheckSigned(kCredential, kAutoscanPath).refusal);
}

TEST_F(ApiHead, ContentCoding_IsRefusedBeforeTheBody) {
  ExpectRefusal(
      Check("PUT", kAutoscanPath, {{"X-Auth-Token", "a-token"}, {"Content-Encoding", "gzip"}}), 415,
      "SIM.0011");
  HttpRequest request = *MakeRequest("PUT", kAutoscanPath,
                                     {{"Host", "h"}, {"Content-Encoding", "gzip"}}, R"({"a":1})");
  Sign(request, kCredential, SimulatedApi::kStart);
  ExpectRefusal(sim.api.CheckHead(request), 415, "SIM.0011");
}

// ---- Bodies

TEST_F(ApiHead, Body_IsKeptOnlyIfTheOperationReadsIt) {
  const Headers token = {{"X-Auth-Token", "a-token"}};
  EXPECT_TRUE(Check("PUT", kAutoscanPath, token).keep_body);
  EXPECT_TRUE(Check("POST", "/v3/auth/tokens", {}).keep_body);
  EXPECT_FALSE(Check("POST", kScanPath, token).keep_body);
  EXPECT_FALSE(Check("GET", kHistoriesPath, token).keep_body);
  EXPECT_FALSE(Check("POST", "/_sim/sweep", {}).keep_body);
  for (const Route& route : Routes()) {
    EXPECT_TRUE(route.body == Body::kIgnored || route.access == Access::kWrite) << route.operation;
  }
}

TEST_F(ApiHead, SignedRequest_BodyIsHashed) {
  EXPECT_TRUE(CheckSigned(kCredential, kAutoscanPath).hash_body);
  EXPECT_FALSE(Check("PUT", kAutoscanPath, {{"X-Auth-Token", "a-token"}}).hash_body);
}

class ApiBody : public ApiTest {
 protected:
  HttpReply Put(std::string body, const std::string& path = kAutoscanPath) {
    return sim.api.Handle(
        *MakeRequest("PUT", path, {{"X-Auth-Token", "a-token"}}, std::move(body)));
  }
  static constexpr char kOff[] = R"({"enable_auto_scan":false)";
};

TEST_F(ApiBody, LongBody_IsParsedOnAnotherThread) {
  const std::string spaces(Api::kParsedHere, ' ');
  EXPECT_TRUE(std::holds_alternative<HttpResponse>(Put(std::string(kOff) + "}")));
  HttpReply reply = Put(kOff + spaces + "}");
  ASSERT_TRUE(std::holds_alternative<LongStep>(reply));
  const LongStep& step = std::get<LongStep>(reply);
  step.work();
  const HttpReply answer = step.reply();
  ASSERT_TRUE(std::holds_alternative<HttpResponse>(answer));
  EXPECT_EQ(std::get<HttpResponse>(answer).status, 200);
}

// An instance may be deleted while a body is parsed.
TEST_F(ApiBody, LongBody_LooksUpTheInstanceAgain) {
  HttpReply reply = Put(kOff + std::string(Api::kParsedHere, ' ') + "}");
  const LongStep& step = std::get<LongStep>(reply);
  step.work();
  sim.lifecycle.RemoveAll("the test");
  ExpectError(std::get<HttpResponse>(step.reply()), 404, "DCS.3022",
              "This DCS instance does not exist.");
}

TEST_F(ApiBody, LongBody_WithoutPermission_IsNotParsed) {
  const std::string body(Api::kParsedHere + 1, '[');
  const HttpReply reply =
      sim.api.Handle(*MakeRequest("PUT", kAutoscanPath, {{"X-Auth-Token", "reader-token"}}, body));
  EXPECT_EQ(std::get<HttpResponse>(reply).status, 403);
}

}  // namespace
}  // namespace dcs::rest
