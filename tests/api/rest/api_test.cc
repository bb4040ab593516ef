#include "api/rest/api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "absl/strings/str_replace.h"
#include "api/rest/routes.h"
#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

HttpRequest SignedRequest(std::string_view method, std::string_view target,
                          const Credential& credential = kCredential) {
  HttpRequest request = *MakeRequest(method, target, {{"Host", "127.0.0.1"}}, "");
  Sign(request, credential, SimulatedApi::kStart);
  return request;
}

TEST_F(ApiTest, SignedRequest_IsAnswered) {
  const HttpResponse response = sim.Handle(SignedRequest("POST", kScanPath));
  EXPECT_EQ(response.status, 200) << response.body;
  ASSERT_NE(response.headers.Find("X-Request-Id"), nullptr);
  EXPECT_EQ(response.headers.Find("X-Request-Id")->size(), 32u);
  EXPECT_EQ(*response.headers.Find("Content-Type"), "application/json;charset=UTF-8");
}

TEST_F(ApiTest, RequestIdsDiffer) {
  const HttpResponse first = sim.Send("GET", "/_sim/health");
  const HttpResponse second = sim.Send("GET", "/_sim/health");
  EXPECT_NE(*first.headers.Find("X-Request-Id"), *second.headers.Find("X-Request-Id"));
}

TEST_F(ApiTest, UnknownUrl_Answers404ToAnyone) {
  for (const std::string& target :
       {std::string("/"), std::string("/v2"), "/v2/" + kProject, kInstancePath + "/scan",
        "/v2/" + kProject + "/instances/", std::string("/v3/projects/"), kScanPath + "/",
        kInstancePath + "/auto-expire/histories/x", "/v2//" + kProject,
        std::string("/metrics/x")}) {
    ExpectError(sim.Send("GET", target), 404, "DCS.4001", "The requested URL does not exist.");
  }
}

TEST_F(ApiTest, WrongMethod_AnswersAllowedMethods) {
  for (const std::string_view method : {"GET", "PUT", "DELETE", "HEAD", "post", "BREW"}) {
    const HttpResponse response = sim.Send(method, kScanPath);
    ExpectError(response, 405, "DCS.5001", "This request method is not allowed.");
    ASSERT_NE(response.headers.Find("Allow"), nullptr);
    EXPECT_EQ(*response.headers.Find("Allow"), "POST, OPTIONS");
  }
}

TEST_F(ApiTest, Options_AnswersMethodsOnEveryRoute) {
  for (const Route& route : Routes()) {
    const std::string target = absl::StrReplaceAll(
        std::string(route.pattern), {{"{project_id}", kProject}, {"{instance_id}", kInstance}});
    const HttpResponse response = sim.Send("OPTIONS", target);
    EXPECT_EQ(response.status, 204) << target;
    EXPECT_EQ(response.body, "");
    ASSERT_NE(response.headers.Find("Allow"), nullptr) << target;
    const std::string& allow = *response.headers.Find("Allow");
    EXPECT_NE(allow.find(std::string(route.method)), std::string::npos) << target << allow;
    EXPECT_NE(allow.find("OPTIONS"), std::string::npos) << allow;
    EXPECT_EQ(allow.find("GET") != std::string::npos, allow.find("HEAD") != std::string::npos);
  }
  EXPECT_EQ(sim.Send("OPTIONS", "/nowhere").status, 404);
}

TEST_F(ApiTest, OptionsAsterisk_NamesAllMethods) {
  const HttpResponse response = sim.Send("OPTIONS", "*");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(*response.headers.Find("Allow"), "DELETE, GET, HEAD, OPTIONS, POST, PUT");
}

TEST_F(ApiTest, Head_IsAnsweredLikeGet) {
  for (const Route& route : Routes()) {
    if (route.method != "GET") continue;
    const std::string target = absl::StrReplaceAll(
        std::string(route.pattern), {{"{project_id}", kProject}, {"{instance_id}", kInstance}});
    const HttpResponse get = sim.Call("GET", target);
    const HttpResponse head = sim.Call("HEAD", target);
    EXPECT_EQ(head.status, get.status) << target;
    EXPECT_EQ(head.body.size(), get.body.size()) << target;
  }
  EXPECT_EQ(sim.Send("HEAD", kHistoriesPath).status, 401) << "credentials are asked for";
  EXPECT_EQ(sim.Handle(SignedRequest("HEAD", kHistoriesPath)).status, 200);
}

TEST_F(ApiTest, ContentCoding_IsRefused) {
  const std::string target = kInstancePath + "/scan-expire-keys/autoscan-config";
  const auto put = [&](const std::string& coding) {
    return sim.Send("PUT", target, {{"X-Auth-Token", "a-token"}, {"Content-Encoding", coding}},
                    R"({"enable_auto_scan":false})");
  };
  for (const char* coding : {"gzip", "GZIP", "br", "identity, gzip", "deflate,identity"}) {
    const HttpResponse response = put(coding);
    ExpectError(response, 415, "SIM.0011",
                "The body has a Content-Encoding. The server takes none: send the JSON as it is.");
    EXPECT_EQ(*response.headers.Find("Accept-Encoding"), "identity") << coding;
  }
  for (const char* coding : {"identity", "Identity", "", " , "}) {
    EXPECT_EQ(put(coding).status, 200) << coding;
  }
  // Operations without body ignore it; others authenticate first.
  EXPECT_EQ(sim.Send("POST", "/_sim/sweep", {{"Content-Encoding", "gzip"}}).status, 200);
  EXPECT_EQ(sim.Send("PUT", target, {{"Content-Encoding", "gzip"}}).status, 401);
}

TEST_F(ApiTest, Authentication_PrecedesIdChecks) {
  ExpectError(sim.Send("POST", "/v2/nonsense/instances/nonsense/scan-expire-keys-task"), 401,
              "DCS.1003", "No token in the request.");
  ExpectError(sim.Send("POST", kScanPath, {{"X-Auth-Token", "wrong"}}), 401, "DCS.1001",
              "Invalid token.");
  ExpectError(sim.Handle(SignedRequest("POST", kScanPath, {kCredential.access_key, "wrong"})), 401,
              "APIGW.0301",
              "Incorrect IAM authentication information: verify aksk signature fail, "
              "canonicalRequest:POST|" +
                  kScanPath +
                  "/||host:127.0.0.1|x-sdk-date:20200615T022118Z||host;x-sdk-date|"
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  ExpectError(sim.Handle(SignedRequest("POST", kScanPath, {"NOBODY", "wrong"})), 401, "APIGW.0301",
              "Incorrect IAM authentication information: Get secretKey failed,ak:NOBODY,err:ak not "
              "exist");
  EXPECT_EQ(sim.Get(kHistoriesPath)["count"], 0) << "a refused request has created a scan";
}

TEST_F(ApiTest, Signature_ExpiresByTheVirtualClock) {
  const HttpRequest request = SignedRequest("GET", kHistoriesPath);
  // The signature's date drops the milliseconds, 669.
  sim.events.Advance(kMaxClockSkewMs - 669);
  EXPECT_EQ(sim.Handle(request).status, 200);
  sim.events.Advance(1);
  ExpectError(sim.Handle(request), 401, "APIGW.0301",
              "Incorrect IAM authentication information: calc aksk signature fail:signature "
              "expired, signature time:20200615T022118Z,server time:20200615T023618Z");
}

TEST_F(ApiTest, Signature_IsInvalidForOtherRequests) {
  HttpRequest original = *MakeRequest("POST", kScanPath + "?a=1", {{"Host", "h"}}, R"({"x":1})");
  Sign(original, kCredential, SimulatedApi::kStart);
  const auto replay = [&](std::string_view method, const std::string& target,
                          const std::string& body) {
    return sim.Handle(*MakeRequest(method, target, original.headers, body));
  };
  const std::string other = "/v2/" + kProject + "/instances/" + kRedis3 + "/scan-expire-keys-task";
  const HttpResponse refused[] = {
      replay("POST", kScanPath + "?a=1", R"({"x":2})"),
      replay("POST", kScanPath + "?a=1", ""),
      replay("POST", kScanPath + "?a=2", original.body),
      replay("POST", kScanPath, original.body),
  };
  const auto expect_refused = [](const HttpResponse& response) {
    EXPECT_EQ(response.status, 401);
    EXPECT_TRUE(std::string(Json::parse(response.body)["error_msg"])
                    .starts_with("Incorrect IAM authentication information: verify aksk signature "
                                 "fail, canonicalRequest:POST|/v2/"))
        << response.body;
  };
  for (const HttpResponse& response : refused) expect_refused(response);
  // The unchanged request is still valid, and a success resets the count of failures.
  EXPECT_EQ(replay("POST", kScanPath + "?a=1", original.body).status, 200);
  expect_refused(replay("POST", other + "?a=1", original.body));
  EXPECT_EQ(sim.Get(kHistoriesPath)["count"], 1) << "what was refused has created nothing";
}

TEST_F(ApiTest, FiveBadSignatures_LockTheKeyForFiveMinutes) {
  const auto ask = [&](const Credential& credential) {
    HttpRequest request = *MakeRequest("GET", kHistoriesPath, {}, "");
    Sign(request, credential, sim.clock.Now());
    return sim.Handle(request);
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask({kCredential.access_key, "wrong"}).status, 401);
  const auto expect_locked = [&] {
    ExpectError(
        ask(kCredential), 401, "APIGW.0301",
        "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden.");
  };
  expect_locked();
  EXPECT_EQ(ask(kReader).status, 200) << "another key";
  sim.events.Advance(Authenticator::kKeyLockMs - 1);
  expect_locked();
  sim.events.Advance(1);
  EXPECT_EQ(ask(kCredential).status, 200);
}

TEST_F(ApiTest, ReadOnlyRole_ReadsButCannotWrite) {
  EXPECT_EQ(sim.Handle(SignedRequest("GET", kHistoriesPath, kReader)).status, 200);
  const HttpResponse refused[] = {
      sim.Handle(SignedRequest("POST", kScanPath, kReader)),
      sim.Send("POST", kInstancePath + "/auto-expire/scan", {{"X-Auth-Token", "reader-token"}})};
  for (const HttpResponse& response : refused) {
    ExpectError(response, 403, "DCS.3002",
                "This tenant has read permission only and cannot perform this operation.");
  }
  EXPECT_EQ(sim.Get(kHistoriesPath)["count"], 0);
}

TEST_F(ApiTest, Roles_AreEnforcedOnEveryRoute) {
  for (const Route& route : Routes()) {
    if (!route.pattern.starts_with("/v2/")) continue;
    const std::string target = absl::StrReplaceAll(
        std::string(route.pattern), {{"{project_id}", kProject}, {"{instance_id}", kInstance}});
    const auto as = [&](const std::string& token) {
      return sim.Send(route.method, target, {{"X-Auth-Token", token}});
    };
    if (route.access == Access::kWrite) {
      ExpectError(as("reader-token"), 403, "DCS.3002",
                  "This tenant has read permission only and cannot perform this operation.");
    } else {
      EXPECT_NE(as("reader-token").status, 403) << route.pattern;
    }
    ExpectError(as("outsider-token"), 403, "DCS.2003",
                "This role does not have the permission to perform this operation.");
    ExpectError(as("blocked-token"), 403, "APIGW.0302",
                "The IAM user is not authorized to access the API.");
  }
  EXPECT_EQ(sim.Call("GET", "/v3/projects").status, 200);
  EXPECT_EQ(sim.Send("GET", "/v3/projects", {{"X-Auth-Token", "outsider-token"}}).status, 200);
}

TEST_F(ApiTest, RoleCheck_PrecedesInstanceCheck) {
  ExpectError(sim.Send("POST", "/v2/" + kProject + "/instances//scan-expire-keys-task",
                       {{"X-Auth-Token", "reader-token"}}),
              403, "DCS.3002",
              "This tenant has read permission only and cannot perform this operation.");
  ExpectError(sim.Send("POST", "/v2/" + std::string(32, 'a') + "/instances//scan-expire-keys-task",
                       {{"X-Auth-Token", "reader-token"}}),
              401, "DCS.1004", "Project ID does not match the token.");
}

TEST_F(ApiTest, ProjectCheck_PrecedesInstanceCheck) {
  const auto scan = [](const std::string& project, const std::string& instance) {
    return "/v2/" + project + "/instances/" + instance + "/scan-expire-keys-task";
  };
  for (const std::string& malformed :
       {std::string(), std::string("x"), std::string("%7Bproject_id%7D"), kProject + "0",
        std::string(31, 'a'), std::string(9000, 'a')}) {
    ExpectError(sim.Call("POST", scan(malformed, "x")), 400, "DCS.4002",
                "Invalid project ID format.");
  }
  for (const std::string& other :
       {std::string(32, 'a'), std::string("00000000-3d72-4fdc-8ec9-6e3a41e47f71")}) {
    ExpectError(sim.Call("POST", scan(other, "x")), 401, "DCS.1004",
                "Project ID does not match the token.");
  }
}

TEST_F(ApiTest, MalformedInstanceId_IsRefused) {
  // An unfilled placeholder (Python SDK), an empty segment (Go SDK), and other invalid IDs.
  for (const std::string& instance :
       {std::string("%7Binstance_id%7D"), std::string(), std::string("x"), kInstance + "0",
        std::string(32, 'a'), kInstance.substr(1) + "%00", std::string("%2e%2e"),
        std::string(9000, 'a')}) {
    for (const std::string operation : {"/scan-expire-keys-task", "/auto-expire/scan"}) {
      ExpectError(sim.Call("POST", "/v2/" + kProject + "/instances/" + instance + operation), 400,
                  "DCS.4061", "Invalid instance ID format.");
    }
    ExpectError(
        sim.Call("GET", "/v2/" + kProject + "/instances/" + instance + "/auto-expire/histories"),
        400, "DCS.4061", "Invalid instance ID format.");
  }
}

TEST_F(ApiTest, UnknownInstance_Answers404) {
  ExpectError(sim.Call("POST", "/v2/" + kProject +
                                   "/instances/00000000-cebf-4473-95c4-d1b573c16e79/"
                                   "scan-expire-keys-task"),
              404, "DCS.3022", "This DCS instance does not exist.");
}

TEST_F(ApiTest, IdsAreCaseInsensitive) {
  const std::string path =
      "/v2/A4D31CB6-3D72-4FDC-8EC9-6E3A41E47F71/instances/5560DF16-CEBF-4473-95C4-D1B573C16E79/"
      "scan-expire-keys-task";
  const HttpResponse response = sim.Call("POST", path);
  EXPECT_EQ(response.status, 200) << path << response.body;
  EXPECT_EQ(Json::parse(response.body)["instance_id"], kInstance);
}

TEST_F(ApiTest, ProjectIdWithoutHyphens_IsAccepted) {
  ApiOptions options = DefaultOptions();
  options.project_id = "0123456789abcdef0123456789abcdef";
  SimulatedApi other(options);
  other.Add(kInstance, "5.0");
  EXPECT_EQ(other
                .Call("POST", "/v2/0123456789ABCDEF0123456789abcdef/instances/" + kInstance +
                                  "/scan-expire-keys-task")
                .status,
            200);
}

TEST_F(ApiTest, AuthenticationOff_AcceptsEveryone) {
  ApiOptions options = DefaultOptions();
  options.authentication = false;
  SimulatedApi open(options);
  open.Add(kInstance, "7.0");
  EXPECT_EQ(open.Send("POST", kScanPath).status, 200);
  EXPECT_EQ(open.Send("POST", kScanPath, {{"Authorization", "SDK-HMAC-SHA256 nonsense"}}).status,
            200);
  ExpectError(open.Send("POST", "/v2/" + kProject + "/instances//scan-expire-keys-task"), 400,
              "DCS.4061", "Invalid instance ID format.");
}

TEST_F(ApiTest, RandomPaths_GetErrorWithRequestId) {
  const unsigned seed = 4818;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string pieces[] = {"/",           "v2",      kProject,    "instances", kInstance,
                                "auto-expire", "scan",    "histories", "%00",       "%7B",
                                "?",           "limit=1", "&",         "\xff",      ".."};
  for (int round = 0; round < 5'000; ++round) {
    std::string target = "/";
    for (size_t n = random() % 14; n > 0; --n) target += pieces[random() % std::size(pieces)];
    const auto request =
        MakeRequest(random() % 2 == 0 ? "GET" : "POST", target, {{"X-Auth-Token", "a-token"}}, "");
    ASSERT_TRUE(request.ok()) << target;
    const HttpResponse response = sim.Handle(*request);
    EXPECT_TRUE(Json::accept(response.body)) << target;
    ASSERT_NE(response.headers.Find("X-Request-Id"), nullptr);
    EXPECT_TRUE(response.status == 200 || (response.status >= 400 && response.status <= 405))
        << target;
  }
}

}  // namespace
}  // namespace dcs::rest
