#include "api/rest/authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dcs::rest {
namespace {

constexpr store::TimeMs kNow = 1'592'187'678'000;

ApiOptions Options() {
  ApiOptions options;
  options.credentials = {{"AK", "SK"}};
  options.token = "a-token";
  return options;
}

std::optional<ApiError> Try(Headers headers, const ApiOptions& options = Options()) {
  return Authenticate(*MakeRequest("GET", "/v3/projects", std::move(headers), ""), options, kNow);
}

void ExpectError(const std::optional<ApiError>& error, ErrorId id) {
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->id, id);
}

Headers SignedBy(const Credential& credential, Headers headers = {}) {
  HttpRequest request = *MakeRequest("GET", "/v3/projects", std::move(headers), "");
  Sign(request, credential, kNow);
  return request.headers;
}

TEST(Authentication, AGoodSignatureOrTokenPasses) {
  EXPECT_EQ(Try(SignedBy({"AK", "SK"})), std::nullopt);
  EXPECT_EQ(Try({{"X-Auth-Token", "a-token"}}), std::nullopt);
}

TEST(Authentication, NoCredentialsAtAllAreTheServicesError) {
  ExpectError(Try({}), ErrorId::kNoToken);
}

TEST(Authentication, AWrongTokenIsTheServicesError) {
  ExpectError(Try({{"X-Auth-Token", "a-tokem"}}), ErrorId::kInvalidToken);
  ExpectError(Try({{"X-Auth-Token", "a-token "}}), ErrorId::kInvalidToken);
  ExpectError(Try({{"X-Auth-Token", ""}}), ErrorId::kInvalidToken);
  ExpectError(Try({{"X-Auth-Token", "a-token"}, {"x-auth-token", "a-token"}}),
              ErrorId::kInvalidToken);
}

TEST(Authentication, WithoutAConfiguredTokenNoneIsAccepted) {
  ApiOptions options = Options();
  options.token.clear();
  ExpectError(Try({{"X-Auth-Token", ""}}, options), ErrorId::kInvalidToken);
  ExpectError(Try({{"X-Auth-Token", "a-token"}}, options), ErrorId::kInvalidToken);
}

TEST(Authentication, ABadSignatureIsTheGatewaysErrorWithItsWords) {
  const auto wrong_secret = Try(SignedBy({"AK", "wrong"}));
  ExpectError(wrong_secret, ErrorId::kGatewayBadCredentials);
  EXPECT_EQ(Message(*wrong_secret),
            "Incorrect IAM authentication information: verify aksk signature fail, the signature "
            "does not match the request");
  const auto unknown = Try(SignedBy({"AK2", "SK"}));
  ExpectError(unknown, ErrorId::kGatewayBadCredentials);
  EXPECT_EQ(
      Message(*unknown),
      "Incorrect IAM authentication information: Get secretKey failed,ak:AK2,err:ak not exist");
}

TEST(Authentication, ATokenDoesNotRescueABadSignature) {
  ExpectError(Try(SignedBy({"AK", "wrong"}, {{"X-Auth-Token", "a-token"}})),
              ErrorId::kGatewayBadCredentials);
}

TEST(Authentication, AnotherSchemeIsTheGatewaysErrorUnlessATokenComesWithIt) {
  ExpectError(Try({{"Authorization", "Basic dXNlcjpwYXNz"}}), ErrorId::kGatewayBadCredentials);
  EXPECT_EQ(Try({{"Authorization", "Basic dXNlcjpwYXNz"}, {"X-Auth-Token", "a-token"}}),
            std::nullopt);
}

TEST(Authentication, TwoAuthorizationHeadersNeverPass) {
  Headers headers = SignedBy({"AK", "SK"});
  headers.Add("Authorization", "Basic x");
  ExpectError(Try(headers), ErrorId::kGatewayBadCredentials);
  Headers reversed = {{"Authorization", "Basic x"}};
  for (const Header& header : SignedBy({"AK", "SK"}).all()) reversed.Add(header.name, header.value);
  ExpectError(Try(reversed), ErrorId::kGatewayBadCredentials);
}

TEST(Authentication, SwitchedOffAsksNobody) {
  ApiOptions options = Options();
  options.authentication = false;
  EXPECT_EQ(Try({}, options), std::nullopt);
  EXPECT_EQ(Try(SignedBy({"AK", "wrong"}), options), std::nullopt);
}

}  // namespace
}  // namespace dcs::rest
