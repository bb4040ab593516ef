#include "api/rest/authentication.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>
#include <string>
#include <string_view>

namespace dcs::rest {
namespace {

// Compares digests, so that neither content nor length shows in the time it takes.
bool SameSecret(std::string_view a, std::string_view b) {
  using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;
  const auto digest = [](std::string_view text) {
    Digest result;
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.data());
    return result;
  };
  const Digest digest_a = digest(a);
  const Digest digest_b = digest(b);
  return CRYPTO_memcmp(digest_a.data(), digest_b.data(), digest_a.size()) == 0;
}

}  // namespace

std::optional<ApiError> Authenticate(const HttpRequest& request, const ApiOptions& options,
                                     store::TimeMs now) {
  if (!options.authentication) return std::nullopt;
  if (HasSignature(request)) {
    const absl::Status status = VerifySignature(request, options.credentials, now);
    if (status.ok()) return std::nullopt;
    return ApiError{ErrorId::kGatewayBadCredentials, std::string(status.message())};
  }
  if (const std::string* token = request.headers.Find("x-auth-token")) {
    const bool valid = request.headers.Count("x-auth-token") == 1 && !options.token.empty() &&
                       SameSecret(*token, options.token);
    if (valid) return std::nullopt;
    return ApiError{ErrorId::kInvalidToken, {}};
  }
  if (const std::string* value = request.headers.Find("authorization")) {
    // Another scheme: the parser says what was expected.
    return ApiError{ErrorId::kGatewayBadCredentials,
                    std::string(ParseAuthorization(*value).status().message())};
  }
  return ApiError{ErrorId::kNoToken, {}};
}

}  // namespace dcs::rest
