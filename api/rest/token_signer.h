// Self-contained signed tokens: each holds its user and expiry, so none has to be stored.
//
//   base64url(claims as JSON) "." base64url(HMAC-SHA-256(secret, claims as JSON))
//
// The secret is random and drawn when the signer is made, so tokens end with the process. Their
// content is not secret, but nobody else can make or change one.
//
// Thread safety: that of a plain struct. Cost: O(token).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/time/clock.h"

namespace dcs::rest {

// The services that accept a token: those of one project, or only the account's (IAM).
enum class TokenScope : bool { kAccount, kProject };

struct TokenClaims {
  std::string user;
  TokenScope scope = TokenScope::kAccount;
  store::TimeMs expires_at = 0;

  bool operator==(const TokenClaims&) const = default;
};

class TokenSigner {
 public:
  TokenSigner();

  // No two calls return the same token.
  std::string Sign(const TokenClaims& claims) const;
  // Returns nullopt unless this signer made exactly this token. The caller checks whether it has
  // expired.
  std::optional<TokenClaims> Verify(std::string_view token) const;

 private:
  std::string secret_;
};

}  // namespace dcs::rest
