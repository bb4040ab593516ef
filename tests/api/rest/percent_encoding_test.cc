#include "api/rest/percent_encoding.h"

#include <gtest/gtest.h>

namespace dcs::rest {
namespace {

TEST(PercentEncoding, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(PercentEncode("azAZ09-._~"), "azAZ09-._~");
  EXPECT_EQ(PercentEncode("a b/{c}+%*"), "a%20b%2F%7Bc%7D%2B%25%2A");
  EXPECT_EQ(PercentEncode(std::string_view("\0\xff", 2)), "%00%FF");
}

TEST(PercentEncoding, DecodesDigitsOfEitherCase) {
  EXPECT_EQ(PercentDecode("%7binstance_id%7D"), "{instance_id}");
  EXPECT_EQ(PercentDecode("%00"), std::string(1, '\0'));
}

TEST(PercentEncoding, PlusIsASpaceOnlyIfRequested) {
  EXPECT_EQ(PercentDecode("a+b"), "a+b");
  EXPECT_EQ(PercentDecode("a+b%2B", Plus::kIsSpace), "a b+");
}

TEST(PercentEncoding, RefusesAPercentWithoutTwoDigits) {
  for (const std::string_view text : {"%", "a%", "%4", "%4g", "%g4", "%%41", "ab%2"}) {
    EXPECT_EQ(PercentDecode(text), std::nullopt) << text;
  }
}

TEST(PercentEncoding, RoundTrip_KeepsEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(PercentDecode(PercentEncode(all)), all);
}

}  // namespace
}  // namespace dcs::rest
