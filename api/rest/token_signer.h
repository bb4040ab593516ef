// Tokens that say themselves whose they are and until when, so that none has to be remembered.
//
//   base64url(claims as JSON) "." base64url(HMAC-SHA-256(secret, claims as JSON))
//
// The secret is drawn at random when the signer is made: tokens end with the process. What they
// hold is no secret, only nobody else can make or change one.
//
// Thread safety: as a plain struct. Cost: O(token).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/time/clock.h"

namespace dcs::rest {

// What a token is good for: one project's services, or the account's (IAM) alone.
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
  // Returns nullopt unless this signer made the token, to the byte. The caller checks whether the
  // token has expired.
  std::optional<TokenClaims> Verify(std::string_view token) const;

 private:
  std::string secret_;
};

}  // namespace dcs::rest
