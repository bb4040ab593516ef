#include "api/rest/token_signer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace dcs::rest {
namespace {

const TokenClaims kClaims{
    .user = "oper\"ator \xC3\xA4", .scope = TokenScope::kProject, .expires_at = 1'592'187'678'669};

TEST(TokenSigner, ReadsBackWhatItHasSigned) {
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

TEST(TokenSigner, AnotherSignersTokensAreRefused) {
  EXPECT_EQ(TokenSigner().Verify(TokenSigner().Sign(kClaims)), std::nullopt);
}

TEST(TokenSigner, NothingElseIsAToken) {
  const TokenSigner signer;
  for (const std::string_view text : {"", ".", "a", "e30.", ".e30", "e30.e30", "!.!"}) {
    EXPECT_EQ(signer.Verify(text), std::nullopt) << text;
  }
}

TEST(TokenSigner, AChangedTokenSaysTheSameOrNothing) {
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
    // Base64 reads some texts as the same bytes: with spaces, or other bits at the end.
    const auto claims = signer.Verify(changed);
    EXPECT_TRUE(!claims || *claims == kClaims) << changed;
  }
}

}  // namespace
}  // namespace dcs::rest
