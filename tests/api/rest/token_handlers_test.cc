#include "api/rest/token_handlers.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

constexpr store::TimeMs kDay = 24 * 60 * 60 * 1000;

Json Body(const std::string& user, const std::string& password, Json scope) {
  Json body = {
      {"auth",
       {{"identity",
         {{"methods", Json::array({"password"})},
          {"password",
           {{"user",
             {{"domain", {{"name", "IAMDomain"}}}, {"name", user}, {"password", password}}}}}}}}}};
  if (!scope.is_null()) body["auth"]["scope"] = std::move(scope);
  return body;
}

const Json kProjectByName = {{"project", {{"name", "cn-north-4"}}}};

class TokenHandlers : public ApiTest {
 protected:
  HttpResponse Ask(const Json& body, std::string_view query = "") {
    return sim.Send("POST", "/v3/auth/tokens" + std::string(query), {}, body.dump());
  }
  std::string Token(const Json& body) {
    const HttpResponse response = Ask(body);
    EXPECT_EQ(response.status, 201) << response.body;
    const std::string* token = response.headers.Find("X-Subject-Token");
    return token == nullptr ? "" : *token;
  }
  HttpResponse With(const std::string& token, std::string_view method, std::string_view target) {
    return sim.Send(method, target, {{"X-Auth-Token", token}});
  }
  void ExpectIamError(const HttpResponse& response, int status, std::string_view title,
                      std::string_view message) {
    EXPECT_EQ(response.status, status);
    const Json expected = {{"error", {{"code", status}, {"message", message}, {"title", title}}}};
    EXPECT_EQ(Json::parse(response.body), expected);
    EXPECT_NE(response.headers.Find("X-Request-Id"), nullptr);
    EXPECT_EQ(response.headers.Find("X-Subject-Token"), nullptr);
  }
};

TEST_F(TokenHandlers, Password_GivesATokenForTheProject) {
  const std::string token = Token(Body("operator", "a-password", kProjectByName));
  EXPECT_EQ(With(token, "POST", kScanPath).status, 200);
  EXPECT_EQ(With(token, "GET", kHistoriesPath).status, 200);
  EXPECT_EQ(With(token, "GET", "/v3/projects").status, 200);
}

TEST_F(TokenHandlers, AnswerHasIamsForm) {
  const HttpResponse response = Ask(Body("operator", "a-password", kProjectByName));
  EXPECT_EQ(*response.headers.Find("Content-Type"), "application/json;charset=UTF-8");
  const Json token = Json::parse(response.body)["token"];
  EXPECT_EQ(token["issued_at"], "2020-06-15T02:21:18.669000Z");
  EXPECT_EQ(token["expires_at"], "2020-06-16T02:21:18.669000Z");
  EXPECT_EQ(token["methods"], Json::array({"password"}));
  EXPECT_EQ(token["project"]["id"], kProject);
  EXPECT_EQ(token["project"]["name"], "cn-north-4");
  EXPECT_EQ(token["user"]["name"], "operator");
  EXPECT_EQ(token["user"]["id"].get<std::string>().size(), 32u);
  EXPECT_EQ(token["roles"][0]["name"], "te_admin");
  EXPECT_TRUE(token["catalog"].is_array());
  const Json without = Json::parse(
      Ask(Body("operator", "a-password", kProjectByName), "?nocatalog=true").body)["token"];
  EXPECT_FALSE(without.contains("catalog"));
}

TEST_F(TokenHandlers, Token_CarriesItsUsersRole) {
  const std::string token = Token(Body("reader", "b-password", kProjectByName));
  EXPECT_EQ(With(token, "GET", kHistoriesPath).status, 200);
  ExpectError(With(token, "POST", kScanPath), 403, "DCS.3002",
              "This tenant has read permission only and cannot perform this operation.");
}

TEST_F(TokenHandlers, Token_ExpiresAfterADay) {
  const std::string token = Token(Body("operator", "a-password", kProjectByName));
  sim.events.Advance(kDay - 1);
  EXPECT_EQ(With(token, "POST", kScanPath).status, 200);
  sim.events.Advance(1);
  ExpectError(With(token, "POST", kScanPath), 401, "DCS.1002", "Token expired.");
  ExpectError(With(token + "x", "POST", kScanPath), 401, "DCS.1001", "Invalid token.");
  EXPECT_EQ(With(Token(Body("operator", "a-password", kProjectByName)), "POST", kScanPath).status,
            200);
}

TEST_F(TokenHandlers, Lifetime_CanBeSet) {
  ApiOptions options = DefaultOptions();
  options.token_lifetime_ms = 1000;
  SimulatedApi brief(options);
  brief.Add(kInstance, "7.0");
  const HttpResponse response = brief.Send("POST", "/v3/auth/tokens", {},
                                           Body("operator", "a-password", kProjectByName).dump());
  const Headers headers = {{"X-Auth-Token", *response.headers.Find("X-Subject-Token")}};
  EXPECT_EQ(brief.Send("GET", kHistoriesPath, headers).status, 200);
  brief.events.Advance(1000);
  ExpectError(brief.Send("GET", kHistoriesPath, headers), 401, "DCS.1002", "Token expired.");
}

TEST_F(TokenHandlers, ProjectMayBeGivenById) {
  EXPECT_EQ(With(Token(Body("operator", "a-password", {{"project", {{"id", kProject}}}})), "POST",
                 kScanPath)
                .status,
            200);
  ExpectIamError(Ask(Body("operator", "a-password", {{"project", {{"id", std::string(32, 'a')}}}})),
                 400, "Bad Request", "Request parameter 'project id' is invalid.");
}

TEST_F(TokenHandlers, AccountToken_DoesNotMatchTheProject) {
  for (const Json& scope : {Json(), Json{{"domain", {{"name", "IAMDomain"}}}}}) {
    const HttpResponse response = Ask(Body("operator", "a-password", scope));
    const Json token = Json::parse(response.body)["token"];
    EXPECT_EQ(token["domain"]["name"], "dcs-sim");
    EXPECT_FALSE(token.contains("project"));
    const std::string value = *response.headers.Find("X-Subject-Token");
    EXPECT_EQ(With(value, "GET", "/v3/auth/domains").status, 200);
    ExpectError(With(value, "POST", kScanPath), 401, "DCS.1004",
                "Project ID does not match the token.");
  }
}

TEST_F(TokenHandlers, BothScopes_UseTheProject) {
  Json scope = kProjectByName;
  scope["domain"] = {{"name", "IAMDomain"}};
  EXPECT_EQ(With(Token(Body("operator", "a-password", scope)), "POST", kScanPath).status, 200);
}

TEST_F(TokenHandlers, WrongPasswordAndUnknownUser_GetTheSameError) {
  for (const auto& [user, password] :
       {std::pair("operator", "b-password"), std::pair("operator", ""), std::pair("nobody", ""),
        std::pair("nobody", "a-password"), std::pair("", "")}) {
    ExpectIamError(Ask(Body(user, password, kProjectByName)), 401, "Unauthorized",
                   "The username or password is wrong.");
  }
}

TEST_F(TokenHandlers, FiveWrongPasswords_LockTheUserForThatClient) {
  const auto ask_from = [&](const std::string& address, const std::string& password) {
    HttpRequest request = *MakeRequest("POST", "/v3/auth/tokens", {},
                                       Body("operator", password, kProjectByName).dump());
    request.peer_address = address;
    return sim.Handle(request);
  };
  for (int i = 0; i < 5; ++i) {
    ExpectIamError(ask_from("192.0.2.1", "guess"), 401, "Unauthorized",
                   "The username or password is wrong.");
  }
  ExpectIamError(ask_from("192.0.2.1", "a-password"), 401, "Unauthorized",
                 "The account is locked.");
  EXPECT_EQ(ask_from("192.0.2.2", "a-password").status, 201);
  sim.events.Advance(Authenticator::kUserLockMs);
  EXPECT_EQ(ask_from("192.0.2.1", "a-password").status, 201);
}

TEST_F(TokenHandlers, InvalidLoginBody_IsRefused) {
  const auto bad = [&](const std::string& body) {
    ExpectIamError(sim.Send("POST", "/v3/auth/tokens", {}, body), 400, "Bad Request",
                   "The request body is invalid");
  };
  for (const std::string body :
       {"", "{", "[]", "1", "null", R"({"auth":1})", R"({"auth":{"identity":[]}})",
        R"({"auth":{"identity":{"methods":"password"}}})",
        R"({"auth":{"identity":{"methods":["password"]}}})",
        R"({"auth":{"identity":{"methods":["password"],"password":{"user":"operator"}}}})"}) {
    bad(body);
  }
  for (const Json& methods : {Json::array(), Json::array({"token"}), Json::array({1}),
                              Json::array({"password", "totp"})}) {
    Json body = Body("operator", "a-password", kProjectByName);
    body["auth"]["identity"]["methods"] = methods;
    bad(body.dump());
  }
}

TEST_F(TokenHandlers, MissingMember_IsNamed) {
  const std::pair<const char*, const char*> cases[] = {{"name", "user name"},
                                                       {"password", "password"}};
  for (const auto& [member, parameter] : cases) {
    for (const Json& value : {Json(), Json(1), Json::object()}) {
      Json body = Body("operator", "a-password", kProjectByName);
      body["auth"]["identity"]["password"]["user"][member] = value;
      ExpectIamError(Ask(body), 400, "Bad Request",
                     "Request parameter '" + std::string(parameter) + "' is invalid.");
    }
  }
  for (const Json& scope : {Json(1), Json::object(), Json{{"system", {{"all", true}}}}}) {
    ExpectIamError(Ask(Body("operator", "a-password", scope)), 400, "Bad Request",
                   "Request parameter 'scope' is invalid.");
  }
  for (const Json& project :
       {Json::object(), Json{{"name", "ap-southeast-1"}}, Json{{"name", 4}}}) {
    ExpectIamError(Ask(Body("operator", "a-password", {{"project", project}})), 400, "Bad Request",
                   "Request parameter 'project name' is invalid.");
  }
}

}  // namespace
}  // namespace dcs::rest
