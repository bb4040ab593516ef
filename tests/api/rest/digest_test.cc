#include "api/rest/digest.h"

#include <gtest/gtest.h>

#include "api/rest/hex.h"

namespace dcs::rest {
namespace {

// The examples of FIPS 180-4 and RFC 4231.
TEST(Digest, Sha256OfTheStandardsExamples) {
  EXPECT_EQ(ToHex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ToHex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, HmacOfTheStandardsExample) {
  EXPECT_EQ(ToHex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Digest, ComparesContentAndLength) {
  for (const auto same : {SameBytes, SameSecret}) {
    EXPECT_TRUE(same("", ""));
    EXPECT_TRUE(same(std::string_view("a\0b", 3), std::string_view("a\0b", 3)));
    EXPECT_FALSE(same(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
    EXPECT_FALSE(same("a", "ab"));
    EXPECT_FALSE(same("", "a"));
  }
}

TEST(Digest, Stream_HashDoesNotDependOnSplit) {
  const std::string text(1'000, 'x');
  for (size_t at : {0, 1, 63, 64, 65, 999, 1000}) {
    Sha256Stream stream;
    stream.Update(text.substr(0, at));
    stream.Update(text.substr(at));
    EXPECT_EQ(stream.Finish(), Sha256(text)) << at;
  }
  EXPECT_EQ(Sha256Stream().Finish(), Sha256(""));
}

}  // namespace
}  // namespace dcs::rest
