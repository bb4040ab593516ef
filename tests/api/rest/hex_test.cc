#include "api/rest/hex.h"

#include <gtest/gtest.h>

namespace dcs::rest {
namespace {

TEST(Hex, WritesEveryByteAsTwoLowerCaseDigits) {
  EXPECT_EQ(ToHex(std::string_view("\x00\x0f\xA5\xff", 4)), "000fa5ff");
}

TEST(Hex, ReadsDigitsOfEitherCase) {
  EXPECT_EQ(FromHex("00fFAa"), std::string("\x00\xff\xaa", 3));
  EXPECT_EQ(FromHex(""), "");
}

TEST(Hex, RefusesOddLengthsAndOtherCharacters) {
  EXPECT_EQ(FromHex("abc"), std::nullopt);
  EXPECT_EQ(FromHex("0g"), std::nullopt);
  EXPECT_EQ(FromHex("g0"), std::nullopt);
  EXPECT_EQ(FromHex(std::string_view("0\0", 2)), std::nullopt);
}

TEST(Hex, RoundTrip_KeepsEveryByte) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    EXPECT_EQ(FromHex(ToHex(text)), text);
    EXPECT_EQ(IsHexDigit(text[0]), FromHex(text + "0").has_value()) << byte;
  }
}

}  // namespace
}  // namespace dcs::rest
