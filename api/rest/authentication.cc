#include "api/rest/authentication.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/rest/digest.h"

namespace dcs::rest {
namespace {

// The gateway's wording, which its FAQ lists.
ApiError BadCredentials(std::string what) {
  return {ErrorId::kGatewayBadCredentials, std::move(what)};
}

ApiError BadCredentials(const absl::Status& status) {
  return BadCredentials(std::string(status.message()));
}

ApiError UnknownKey(const std::string& access_key) {
  return BadCredentials(
      absl::StrCat("Get secretKey failed,ak:", access_key.substr(0, 128), ",err:ak not exist"));
}

}  // namespace

std::variant<Caller, ApiError> Authenticator::Authenticate(const HttpRequest& request,
                                                           store::TimeMs now,
                                                           store::TimeMs signing_time) {
  if (!options_.authentication) return Caller{};
  if (IsSigned(request)) return CheckSignature(request, now, signing_time);
  if (const std::string* token = request.headers.Find("x-auth-token")) {
    if (request.headers.Count("x-auth-token") > 1) return ApiError{ErrorId::kInvalidToken, {}};
    return CheckToken(*token, now);
  }
  if (const std::string* value = request.headers.Find("authorization")) {
    // Another scheme: the parser's error names the expected one.
    return BadCredentials(ParseAuthorization(*value).status());
  }
  return ApiError{ErrorId::kNoToken, {}};
}

bool Authenticator::IsSigned(const HttpRequest& head) const {
  return options_.authentication && HasSignature(head);
}

std::optional<ApiError> Authenticator::CheckSignedHead(const HttpRequest& head, store::TimeMs now,
                                                       store::TimeMs signing_time) {
  auto claim = CheckClaim(head, now, signing_time);
  if (auto* error = std::get_if<ApiError>(&claim)) return std::move(*error);
  return std::nullopt;
}

std::variant<Authenticator::Claim, ApiError> Authenticator::CheckClaim(const HttpRequest& head,
                                                                       store::TimeMs now,
                                                                       store::TimeMs signing_time) {
  absl::StatusOr<Authorization> authorization = FindAuthorization(head);
  if (!authorization.ok()) return BadCredentials(authorization.status());
  const std::string& name = authorization->access_key;
  const AccessKey* key = options_.access.FindKey(name);
  if (key == nullptr) return UnknownKey(name);
  if (options_.lock_keys && signatures_.IsLocked(name, head.peer_address, now)) {
    return BadCredentials(std::string("AK access failed to reach the limit,forbidden."));
  }
  const absl::Status status = rest::CheckSignedHead(head, *authorization, signing_time);
  if (!status.ok()) {
    signatures_.Failed(name, head.peer_address, now);
    return BadCredentials(status);
  }
  return Claim{*std::move(authorization), key};
}

std::variant<Caller, ApiError> Authenticator::CheckSignature(const HttpRequest& request,
                                                             store::TimeMs now,
                                                             store::TimeMs signing_time) {
  const auto checked = CheckClaim(request, now, signing_time);
  if (const auto* error = std::get_if<ApiError>(&checked)) return *error;
  const auto& [authorization, key] = std::get<Claim>(checked);
  const absl::Status status =
      VerifySignature(request, authorization, key->credential.secret_key, signing_time);
  if (!status.ok()) {
    signatures_.Failed(authorization.access_key, request.peer_address, now);
    return BadCredentials(status);
  }
  signatures_.Succeeded(authorization.access_key, request.peer_address);
  return Caller{.role = key->role, .scope = TokenScope::kProject};
}

std::variant<Caller, ApiError> Authenticator::CheckToken(std::string_view token,
                                                         store::TimeMs now) const {
  for (const FixedToken& fixed : options_.access.tokens) {
    if (SameSecret(token, fixed.token)) {
      return Caller{.role = fixed.role, .scope = TokenScope::kProject};
    }
  }
  const std::optional<TokenClaims> claims = tokens_.Verify(token);
  const User* user = claims ? options_.access.FindUser(claims->user) : nullptr;
  if (user == nullptr) return ApiError{ErrorId::kInvalidToken, {}};
  if (now >= claims->expires_at) return ApiError{ErrorId::kTokenExpired, {}};
  return Caller{.role = user->role, .scope = claims->scope};
}

std::variant<const User*, ApiError> Authenticator::CheckPassword(std::string_view user,
                                                                 std::string_view password,
                                                                 std::string_view peer,
                                                                 store::TimeMs now) {
  if (options_.lock_keys && passwords_.IsLocked(user, peer, now)) {
    return ApiError{ErrorId::kIamLocked, {}};
  }
  const User* found = options_.access.FindUser(user);
  // An unknown name takes as long as a wrong password and counts as a failure.
  const bool right = SameSecret(password, found != nullptr ? found->password : "");
  if (found == nullptr || !right) {
    passwords_.Failed(user, peer, now);
    return ApiError{ErrorId::kIamWrongPassword, {}};
  }
  passwords_.Succeeded(user, peer);
  return found;
}

std::string Authenticator::IssueToken(std::string_view user, TokenScope scope,
                                      store::TimeMs expires_at) const {
  return tokens_.Sign({.user = std::string(user), .scope = scope, .expires_at = expires_at});
}

void Authenticator::Reset() {
  tokens_ = TokenSigner();
  signatures_.Clear();
  passwords_.Clear();
}

}  // namespace dcs::rest
