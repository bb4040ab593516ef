#include "api/rest/token_signer.h"

#include <openssl/rand.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "api/rest/digest.h"
#include "api/rest/identifiers.h"
#include "api/rest/json.h"

namespace dcs::rest {
namespace {

std::string NewSecret() {
  std::string secret(32, '\0');
  // Without randomness anyone could forge tokens. OpenSSL lacks it only on a broken system.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), 32) != 1) std::abort();
  return secret;
}

std::string Encode(const std::string& text, const std::string& secret) {
  return absl::StrCat(absl::WebSafeBase64Escape(text), ".",
                      absl::WebSafeBase64Escape(HmacSha256(secret, text)));
}

// `text` is authentic, so it has the form written by Sign.
TokenClaims Parse(const std::string& text) {
  const Json json = Json::parse(text);
  return {.user = json.at("user"),
          .scope = json.at("project") == true ? TokenScope::kProject : TokenScope::kAccount,
          .expires_at = json.at("expires_at")};
}

}  // namespace

TokenSigner::TokenSigner() : secret_(NewSecret()) {}

std::string TokenSigner::Sign(const TokenClaims& claims) const {
  const std::string text = Serialize({{"id", NewRequestId()},
                                      {"user", claims.user},
                                      {"project", claims.scope == TokenScope::kProject},
                                      {"expires_at", claims.expires_at}});
  return Encode(text, secret_);
}

std::optional<TokenClaims> TokenSigner::Verify(std::string_view token) const {
  const std::string_view claims = token.substr(0, token.find('.'));
  std::string text;
  if (!absl::WebSafeBase64Unescape({claims.data(), claims.size()}, &text)) return std::nullopt;
  // The decoder skips spaces and padding, so only the encoded text proves that nothing was added.
  if (!SameSecret(token, Encode(text, secret_))) return std::nullopt;
  return Parse(text);
}

}  // namespace dcs::rest
