#include "api/rest/token_handlers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "api/rest/digest.h"
#include "api/rest/hex.h"
#include "api/rest/request_body.h"
#include "api/rest/time_format.h"

namespace dcs::rest {
namespace {

struct Login {
  std::string user;
  std::string password;
  // If set: for this project; otherwise for the account.
  std::optional<std::string> project_name;
};

// The member of an object; null if `json` is not an object or lacks it.
const Json& Member(const Json& json, const char* name) {
  static const Json kNull;
  if (!json.is_object()) return kNull;
  const auto found = json.find(name);
  return found == json.end() ? kNull : *found;
}

bool AsksForPassword(const Json& identity) {
  const Json& methods = Member(identity, "methods");
  return methods.is_array() && methods.size() == 1 && methods.front() == "password";
}

ApiError Invalid(std::string parameter) {
  return {ErrorId::kIamInvalidParameter, std::move(parameter)};
}

// The project name in the scope, if any.
std::variant<std::optional<std::string>, ApiError> ParseScope(const Json& scope,
                                                              const ApiOptions& options) {
  if (scope.is_null()) return std::nullopt;
  const Json& project = Member(scope, "project");
  if (project.is_null()) {
    if (Member(scope, "domain").is_object()) return std::nullopt;
    return Invalid("scope");
  }
  const Json& id = Member(project, "id");
  const Json& name = Member(project, "name");
  if (!id.is_null()) {
    const bool ours =
        id.is_string() && absl::EqualsIgnoreCase(id.get<std::string>(), options.project_id);
    if (!ours) return Invalid("project id");
    return options.project_name;
  }
  if (name != options.project_name) return Invalid("project name");
  return options.project_name;
}

std::variant<Login, ApiError> ParseLogin(const Call& call) {
  const ParsedBody& body = call.body;
  if (std::holds_alternative<ApiError>(body)) return ApiError{ErrorId::kIamBadBody, {}};
  const Json& auth = Member(std::get<Json>(body), "auth");
  const Json& identity = Member(auth, "identity");
  const Json& user = Member(Member(identity, "password"), "user");
  if (!AsksForPassword(identity) || !user.is_object()) return ApiError{ErrorId::kIamBadBody, {}};
  const Json& name = Member(user, "name");
  const Json& password = Member(user, "password");
  if (!name.is_string()) return Invalid("user name");
  if (!password.is_string()) return Invalid("password");
  auto scope = ParseScope(Member(auth, "scope"), call.options);
  if (auto* error = std::get_if<ApiError>(&scope)) return std::move(*error);
  return Login{name, password, std::get<std::optional<std::string>>(std::move(scope))};
}

// IAM writes microseconds.
std::string IamTime(store::TimeMs time) {
  std::string text = FormatTime(time);
  text.insert(text.size() - 1, "000");
  return text;
}

// Derived from the user name, in the form of IAM's IDs: 32 hex digits.
std::string UserId(const std::string& name) { return ToHex(Sha256(name)).substr(0, 32); }

Json DomainJson(const ApiOptions& options) {
  return {{"id", options.domain_id}, {"name", options.domain_name}};
}

Json TokenJson(const Call& call, const Login& login, const User& user, store::TimeMs now,
               store::TimeMs expires_at) {
  Json token = {{"expires_at", IamTime(expires_at)},
                {"issued_at", IamTime(now)},
                {"methods", Json::array({"password"})},
                {"roles", Json::array()},
                {"user",
                 {{"domain", DomainJson(call.options)},
                  {"id", UserId(user.name)},
                  {"name", user.name},
                  {"password_expires_at", ""}}}};
  const std::string_view role = Row(user.role).iam_name;
  if (!role.empty()) token["roles"].push_back({{"id", "0"}, {"name", role}});
  if (login.project_name) {
    token["project"] = {{"domain", DomainJson(call.options)},
                        {"id", call.options.project_id},
                        {"name", *login.project_name}};
  } else {
    token["domain"] = DomainJson(call.options);
  }
  // One endpoint serves everything: the one that the client already uses.
  if (call.request.FindQuery("nocatalog").value_or("").empty()) token["catalog"] = Json::array();
  return {{"token", std::move(token)}};
}

}  // namespace

Answer CreateToken(const Call& call) {
  const auto parsed = ParseLogin(call);
  if (const auto* error = std::get_if<ApiError>(&parsed)) return *error;
  const Login& login = std::get<Login>(parsed);
  const store::TimeMs now = call.clock.Now();
  const auto checked =
      call.authenticator.CheckPassword(login.user, login.password, call.request.peer_address, now);
  if (const auto* error = std::get_if<ApiError>(&checked)) return *error;
  const User* user = std::get<const User*>(checked);
  const store::TimeMs expires_at = now + call.options.token_lifetime_ms;
  Success success = JsonSuccess(TokenJson(call, login, *user, now, expires_at));
  success.status = 201;
  success.headers.Add(
      "X-Subject-Token",
      call.authenticator.IssueToken(
          user->name, login.project_name ? TokenScope::kProject : TokenScope::kAccount,
          expires_at));
  return success;
}

}  // namespace dcs::rest
