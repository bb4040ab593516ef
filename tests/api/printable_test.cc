#include "api/printable.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace dcs::api {
namespace {

TEST(Printable, LeavesOrdinaryTextAlone) {
  for (const char* text :
       {"", "GET /v2/x?a=1", "C:\\x 'y' \"z\"", "Gr\u00fc\u00dfe \u4f60\u597d \U0001F600"}) {
    EXPECT_EQ(Printable(text), text);
  }
}

TEST(Printable, EscapesControlCharacters) {
  EXPECT_EQ(Printable("\x1b[2J\a\r\n\x7f"), R"(\x1b[2J\x07\x0d\x0a\x7f)");
  EXPECT_EQ(Printable(std::string("a\0b", 3)), R"(a\x00b)");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            R"(\xc2\x9b31m)")
      << "a control sequence in one character";
  EXPECT_EQ(Printable("\u202etxt.exe"), R"(\xe2\x80\xaetxt.exe)") << "right to left";
}

TEST(Printable, EscapesWhatIsNotUtf8) {
  EXPECT_EQ(Printable("\xff\xfe"), R"(\xff\xfe)");
  EXPECT_EQ(Printable("\xc0\xaf"), R"(\xc0\xaf)") << "an overlong form";
  EXPECT_EQ(Printable("\xed\xa0\x80"), R"(\xed\xa0\x80)") << "a surrogate";
  EXPECT_EQ(Printable("\xe2\x82"), R"(\xe2\x82)") << "cut";
  EXPECT_EQ(Printable("\xf4\x90\x80\x80"), R"(\xf4\x90\x80\x80)") << "above U+10FFFF";
}

TEST(Printable, CutsLongTextsBetweenCharacters) {
  EXPECT_EQ(Printable("abcdef", 6), "abcdef");
  EXPECT_EQ(Printable("abcdefg", 6), "abcdef...");
  EXPECT_EQ(Printable("ab\u00fc", 3), "ab...");
  EXPECT_EQ(Printable(std::string(1'000'000, 'x')).size(), 256u + 3);
}

TEST(Printable, AnyBytesBecomePrintable) {
  const unsigned seed = 31;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (size_t n = random() % 60; n > 0; --n) text += static_cast<char>(random() % 256);
    for (const char c : Printable(text)) {
      const auto byte = static_cast<unsigned char>(c);
      EXPECT_TRUE(byte >= 0x20 && byte != 0x7f);
    }
  }
}

}  // namespace
}  // namespace dcs::api
