#include "api/rest/authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/rest/signature.h"

namespace dcs::rest {
namespace {

constexpr store::TimeMs kNow = 1'592'187'678'000;
const Credential kFull{"AK", "SK"};
const Credential kReader{"AKR", "SKR"};

ApiOptions Options() {
  ApiOptions options;
  options.access.keys = {{kFull, Role::kFull}, {kReader, Role::kReadOnly}};
  options.access.users = {{"operator", "secret", Role::kReadOnly}};
  options.access.tokens = {{"a-token", Role::kFull}, {"b-token", Role::kReadOnly}};
  return options;
}

Headers SignedBy(const Credential& credential, Headers headers = {}) {
  HttpRequest request = *MakeRequest("GET", "/v3/projects", std::move(headers), "");
  Sign(request, credential, kNow);
  return request.headers;
}

class AuthenticationTest : public testing::Test {
 protected:
  std::variant<Caller, ApiError> Try(Headers headers, store::TimeMs now = kNow) {
    HttpRequest request = *MakeRequest("GET", "/v3/projects", std::move(headers), "");
    request.peer_address = peer;
    return authenticator.Authenticate(request, now);
  }
  void ExpectRole(const Headers& headers, Role role) {
    const auto who = Try(headers);
    ASSERT_TRUE(std::holds_alternative<Caller>(who)) << Message(std::get<ApiError>(who));
    EXPECT_EQ(std::get<Caller>(who).role, role);
    EXPECT_EQ(std::get<Caller>(who).scope, TokenScope::kProject);
  }
  void ExpectError(const Headers& headers, ErrorId id, store::TimeMs now = kNow) {
    const auto who = Try(headers, now);
    ASSERT_TRUE(std::holds_alternative<ApiError>(who));
    EXPECT_EQ(std::get<ApiError>(who).id, id);
  }
  std::string ErrorText(const Headers& headers, store::TimeMs now = kNow) {
    const auto who = Try(headers, now);
    return std::holds_alternative<ApiError>(who) ? Message(std::get<ApiError>(who)) : "passed";
  }
  void FailToSign(int times, store::TimeMs now = kNow) {
    for (int i = 0; i < times; ++i) Try(SignedBy({"AK", "wrong"}), now);
  }

  std::string peer = "192.0.2.1";
  ApiOptions options = Options();
  Authenticator authenticator{options};
};

TEST_F(AuthenticationTest, ValidSignatureOrToken_GivesItsRole) {
  ExpectRole(SignedBy(kFull), Role::kFull);
  ExpectRole(SignedBy(kReader), Role::kReadOnly);
  ExpectRole({{"X-Auth-Token", "a-token"}}, Role::kFull);
  ExpectRole({{"X-Auth-Token", "b-token"}}, Role::kReadOnly);
}

TEST_F(AuthenticationTest, NoCredentials_GetTheServicesError) {
  ExpectError({}, ErrorId::kNoToken);
}

TEST_F(AuthenticationTest, WrongToken_GetsTheServicesError) {
  ExpectError({{"X-Auth-Token", "a-tokem"}}, ErrorId::kInvalidToken);
  ExpectError({{"X-Auth-Token", "a-token "}}, ErrorId::kInvalidToken);
  ExpectError({{"X-Auth-Token", ""}}, ErrorId::kInvalidToken);
  ExpectError({{"X-Auth-Token", "a-token"}, {"x-auth-token", "a-token"}}, ErrorId::kInvalidToken);
}

TEST_F(AuthenticationTest, NoFixedToken_RefusesEveryToken) {
  options.access.tokens.clear();
  ExpectError({{"X-Auth-Token", ""}}, ErrorId::kInvalidToken);
  ExpectError({{"X-Auth-Token", "a-token"}}, ErrorId::kInvalidToken);
}

TEST_F(AuthenticationTest, BadSignature_GetsTheGatewaysError) {
  ExpectError(SignedBy({"AK", "wrong"}), ErrorId::kGatewayBadCredentials);
  EXPECT_TRUE(ErrorText(SignedBy({"AK", "wrong"}))
                  .starts_with("Incorrect IAM authentication information: verify aksk signature "
                               "fail, canonicalRequest:GET|/v3/projects/||"));
  ExpectError(SignedBy({"AK2", "SK"}), ErrorId::kGatewayBadCredentials);
  EXPECT_EQ(
      ErrorText(SignedBy({"AK2", "SK"})),
      "Incorrect IAM authentication information: Get secretKey failed,ak:AK2,err:ak not exist");
}

TEST_F(AuthenticationTest, SecretOfAnotherKey_IsRefused) {
  ExpectError(SignedBy({"AK", "SKR"}), ErrorId::kGatewayBadCredentials);
}

TEST_F(AuthenticationTest, BadSignatureWithValidToken_IsRefused) {
  ExpectError(SignedBy({"AK", "wrong"}, {{"X-Auth-Token", "a-token"}}),
              ErrorId::kGatewayBadCredentials);
}

TEST_F(AuthenticationTest, OtherScheme_IsRefusedWithoutToken) {
  ExpectError({{"Authorization", "Basic dXNlcjpwYXNz"}}, ErrorId::kGatewayBadCredentials);
  ExpectRole({{"Authorization", "Basic dXNlcjpwYXNz"}, {"X-Auth-Token", "a-token"}}, Role::kFull);
}

TEST_F(AuthenticationTest, TwoAuthorizationHeaders_AreRefusedByAuthenticator) {
  Headers headers = SignedBy(kFull);
  headers.Add("Authorization", "Basic x");
  ExpectError(headers, ErrorId::kGatewayBadCredentials);
  Headers reversed = {{"Authorization", "Basic x"}};
  for (const Header& header : SignedBy(kFull).all()) reversed.Add(header.name, header.value);
  ExpectError(reversed, ErrorId::kGatewayBadCredentials);
}

TEST_F(AuthenticationTest, SwitchedOff_AcceptsEveryone) {
  options.authentication = false;
  ExpectRole({}, Role::kFull);
  ExpectRole(SignedBy({"AK", "wrong"}), Role::kFull);
}

// ---- The lock

constexpr char kLocked[] =
    "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden.";

TEST_F(AuthenticationTest, FiveBadSignaturesInARow_LockTheKey) {
  FailToSign(4);
  ExpectRole(SignedBy(kFull), Role::kFull);
  FailToSign(5);
  EXPECT_EQ(ErrorText(SignedBy(kFull)), kLocked);
  EXPECT_EQ(ErrorText(SignedBy(kFull), kNow + Authenticator::kKeyLockMs - 1), kLocked);
  EXPECT_EQ(ErrorText(SignedBy(kFull), kNow + Authenticator::kKeyLockMs), "passed");
}

TEST_F(AuthenticationTest, RequestsDuringLock_DoNotExtendIt) {
  FailToSign(5);
  FailToSign(50, kNow + Authenticator::kKeyLockMs - 1);
  EXPECT_EQ(ErrorText(SignedBy(kFull), kNow + Authenticator::kKeyLockMs), "passed");
}

TEST_F(AuthenticationTest, Lock_DoesNotAffectOtherKeysAndTokens) {
  FailToSign(5);
  ExpectRole(SignedBy(kReader), Role::kReadOnly);
  ExpectRole({{"X-Auth-Token", "a-token"}}, Role::kFull);
}

TEST_F(AuthenticationTest, Lock_OfOneClient_DoesNotLockTheKeyForAnother) {
  FailToSign(50);
  EXPECT_EQ(ErrorText(SignedBy(kFull)), kLocked);
  peer = "192.0.2.2";
  ExpectRole(SignedBy(kFull), Role::kFull);
  peer = "192.0.2.1";
  EXPECT_EQ(ErrorText(SignedBy(kFull)), kLocked) << "another client's success opens nothing";
}

TEST_F(AuthenticationTest, OldSignature_CountsAsFailure) {
  const store::TimeMs late = kNow + kMaxClockSkewMs + 1;
  for (int i = 0; i < 5; ++i) Try(SignedBy(kFull), late);
  EXPECT_EQ(ErrorText(SignedBy(kFull), late), kLocked);
}

TEST_F(AuthenticationTest, RequestWithoutKey_LocksNone) {
  for (int i = 0; i < 50; ++i) {
    Try({{"Authorization", "SDK-HMAC-SHA256 nonsense"}});
    Try(SignedBy({"NOBODY", "x"}));
    Try({{"X-Auth-Token", "wrong"}});
  }
  ExpectRole(SignedBy(kFull), Role::kFull);
  EXPECT_NE(ErrorText(SignedBy({"NOBODY", "x"})), kLocked);
}

TEST_F(AuthenticationTest, Lock_CanBeSwitchedOff) {
  options.lock_keys = false;
  FailToSign(50);
  ExpectRole(SignedBy(kFull), Role::kFull);
}

// ---- Passwords

class PasswordTest : public AuthenticationTest {
 protected:
  // "passed", or the error's message.
  std::string LogIn(std::string_view user, std::string_view password, store::TimeMs now = kNow) {
    const auto checked = authenticator.CheckPassword(user, password, peer, now);
    if (const auto* error = std::get_if<ApiError>(&checked)) return Message(*error);
    return std::get<const User*>(checked)->name == user ? "passed" : "another user";
  }
  void Guess(std::string_view user, int times) {
    for (int i = 0; i < times; ++i) {
      EXPECT_EQ(LogIn(user, "guess"), "The username or password is wrong.") << i;
    }
  }
};

constexpr char kAccountLocked[] = "The account is locked.";

TEST_F(PasswordTest, CorrectPassword_Passes) {
  EXPECT_EQ(LogIn("operator", "secret"), "passed");
  for (const std::string_view wrong : {"", "secre", "secret ", " secret", "Secret", "secret\n"}) {
    EXPECT_EQ(LogIn("operator", wrong), "The username or password is wrong.") << wrong;
    EXPECT_EQ(LogIn("operator", "secret"), "passed");
  }
}

TEST_F(PasswordTest, FiveWrongPasswordsInARow_LockTheUser) {
  Guess("operator", 4);
  EXPECT_EQ(LogIn("operator", "secret"), "passed");
  Guess("operator", 5);
  EXPECT_EQ(LogIn("operator", "secret"), kAccountLocked);
  EXPECT_EQ(LogIn("operator", "secret", kNow + 15 * 60 * 1000 - 1), kAccountLocked);
  EXPECT_EQ(LogIn("operator", "secret", kNow + 15 * 60 * 1000), "passed");
}

TEST_F(PasswordTest, Lock_OfOneClient_DoesNotLockTheUserForAnother) {
  Guess("operator", 5);
  EXPECT_EQ(LogIn("operator", "secret"), kAccountLocked);
  peer = "192.0.2.2";
  EXPECT_EQ(LogIn("operator", "secret"), "passed");
}

TEST_F(PasswordTest, UnknownUserIsLockedLikeAKnownOne) {
  Guess("nobody", 5);
  EXPECT_EQ(LogIn("nobody", "guess"), kAccountLocked);
}

TEST_F(PasswordTest, LockCanBeSwitchedOff) {
  options.lock_keys = false;
  Guess("operator", 50);
  EXPECT_EQ(LogIn("operator", "secret"), "passed");
}

TEST_F(PasswordTest, Reset_RemovesLocks) {
  Guess("operator", 5);
  authenticator.Reset();
  EXPECT_EQ(LogIn("operator", "secret"), "passed");
}

// ---- Issued tokens

TEST_F(AuthenticationTest, IssuedToken_MustMatchExactly) {
  const std::string token = authenticator.IssueToken("operator", TokenScope::kProject, kNow + 1000);
  ExpectRole({{"X-Auth-Token", token}}, Role::kReadOnly);
  for (const std::string& other : {token + "=", token + "==", token + " ", " " + token,
                                   token.substr(0, 9) + " " + token.substr(9), token + ".",
                                   token.substr(0, token.size() - 1)}) {
    ExpectError({{"X-Auth-Token", other}}, ErrorId::kInvalidToken);
  }
}

TEST_F(AuthenticationTest, IssuedToken_GivesTheUsersRoleUntilExpiry) {
  const Headers headers = {
      {"X-Auth-Token", authenticator.IssueToken("operator", TokenScope::kProject, kNow + 1000)}};
  ExpectRole(headers, Role::kReadOnly);
  EXPECT_EQ(ErrorText(headers, kNow + 999), "passed");
  ExpectError(headers, ErrorId::kTokenExpired, kNow + 1000);
  EXPECT_EQ(ErrorText(headers, kNow + 1000), "Token expired.");
  ExpectError(headers, ErrorId::kTokenExpired, kNow + 1'000'000'000'000);
}

TEST_F(AuthenticationTest, IssuedToken_CarriesItsScope) {
  const auto who =
      Try({{"X-Auth-Token", authenticator.IssueToken("operator", TokenScope::kAccount, kNow + 1)}});
  EXPECT_EQ(std::get<Caller>(who).scope, TokenScope::kAccount);
}

TEST_F(AuthenticationTest, TokenOfAnotherServer_IsInvalidNotExpired) {
  Authenticator other(options);
  ExpectError({{"X-Auth-Token", other.IssueToken("operator", TokenScope::kProject, kNow - 1)}},
              ErrorId::kInvalidToken);
}

TEST_F(AuthenticationTest, Reset_RemovesLocksAndIssuedTokens) {
  FailToSign(5);
  const Headers headers = {
      {"X-Auth-Token", authenticator.IssueToken("operator", TokenScope::kProject, kNow + 1)}};
  authenticator.Reset();
  ExpectRole(SignedBy(kFull), Role::kFull);
  ExpectError(headers, ErrorId::kInvalidToken);
  ExpectRole({{"X-Auth-Token", "a-token"}}, Role::kFull);
}

}  // namespace
}  // namespace dcs::rest
