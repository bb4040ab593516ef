#include "api/rest/token_signer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace dcs::rest {
namespace {

const TokenClaims kClaims{
    .user = "oper\"ator \xC3\xA4", .scope = TokenScope::kProject, .expires_at = 1'592'187'678'669};

TEST(TokenSigner, VerifiesItsOwnTokens) {
  const TokenSigner signer;
  EXPECT_EQ(signer.Verify(signer.Sign(kClaims)), kClaims);
  const TokenClaims account{.user = "u", .scope = TokenScope::kAccount, .expires_at = 0};
  EXPECT_EQ(signer.Verify(signer.Sign(account)), account);
}

TEST(TokenSigner, NoTwoTokensAreTheSame) {
  const TokenSigner signer;
  EXPECT_NE(signer.Sign(kClaims), signer.Sign(kClaims));
}

TEST(TokenSigner, TokensFitIntoAHeader) {
  const std::string token = TokenSigner().Sign(kClaims);
  EXPECT_TRUE(std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; }));
}

TEST(TokenSigner, TokensOfAnotherSigner_AreRefused) {
  EXPECT_EQ(TokenSigner().Verify(TokenSigner().Sign(kClaims)), std::nullopt);
}

TEST(TokenSigner, OtherTexts_AreRefused) {
  const TokenSigner signer;
  for (const std::string_view text : {"", ".", "a", "e30.", ".e30", "e30.e30", "!.!"}) {
    EXPECT_EQ(signer.Verify(text), std::nullopt) << text;
  }
}

TEST(TokenSigner, Verify_TokenWithPaddingOrSpaces_IsRefused) {
  const TokenSigner signer;
  const std::string token = signer.Sign(kClaims);
  const size_t dot = token.find('.');
  for (const std::string_view added : {"=", "==", " ", "\t", "\r\n", "."}) {
    for (const size_t at : {size_t{0}, size_t{5}, dot, dot + 1, token.size()}) {
      std::string changed = token;
      changed.insert(at, added);
      EXPECT_EQ(signer.Verify(changed), std::nullopt) << changed;
    }
  }
}

// The last Base64 character may hold unused bits, so other texts decode to the same bytes.
TEST(TokenSigner, Verify_OtherLastCharacters_AreRefused) {
  const TokenSigner signer;
  const std::string token = signer.Sign(kClaims);
  for (const size_t end : {token.find('.') - 1, token.size() - 1}) {
    for (const char c :
         std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
      std::string changed = token;
      changed[end] = c;
      EXPECT_EQ(signer.Verify(changed).has_value(), changed == token) << changed;
    }
  }
}

TEST(TokenSigner, ChangedToken_IsRefused) {
  const unsigned seed = 1001;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const TokenSigner signer;
  const std::string token = signer.Sign(kClaims);
  for (int round = 0; round < 20'000; ++round) {
    std::string changed = token;
    const size_t at = random() % changed.size();
    switch (random() % 3) {
      case 0:
        changed[at] = static_cast<char>(random() % 256);
        break;
      case 1:
        changed.erase(at, 1 + random() % 4);
        break;
      default:
        changed.insert(at, 1, static_cast<char>(random() % 256));
    }
    EXPECT_EQ(signer.Verify(changed).has_value(), changed == token) << changed;
  }
}

}  // namespace
}  // namespace dcs::rest
