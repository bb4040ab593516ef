#include "api/resp/protocol/inline_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dcs::resp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Split {
  bool good;
  std::string bytes;
  ArgumentList arguments;
  explicit Split(std::string_view line) { good = SplitInlineCommand(line, bytes, arguments); }
};

TEST(SplitInlineCommand, SplitsAtWhiteSpace) {
  EXPECT_THAT(Split("SET key  value ").arguments, ElementsAre("SET", "key", "value"));
  EXPECT_THAT(Split("\t GET\tkey").arguments, ElementsAre("GET", "key"));
  EXPECT_THAT(Split("").arguments, IsEmpty());
  EXPECT_TRUE(Split("   ").good);
}

TEST(SplitInlineCommand, KeepsSpacesInsideQuotes) {
  EXPECT_THAT(Split("SET \"a b\" 'c d'").arguments, ElementsAre("SET", "a b", "c d"));
  EXPECT_THAT(Split("ECHO \"\"").arguments, ElementsAre("ECHO", ""));
  EXPECT_THAT(Split("x\"y z\"").arguments, ElementsAre("xy z"));
}

TEST(SplitInlineCommand, UnderstandsEscapesInDoubleQuotes) {
  EXPECT_THAT(Split(R"("\x41\n\t\"\\\q")").arguments, ElementsAre("A\n\t\"\\q"));
  EXPECT_THAT(Split(R"("\xZZ")").arguments, ElementsAre("xZZ"));
}

TEST(SplitInlineCommand, UnderstandsOnlyTheQuoteInSingleQuotes) {
  EXPECT_THAT(Split(R"('it\'s \n')").arguments, ElementsAre("it's \\n"));
}

TEST(SplitInlineCommand, RefusesUnbalancedQuotes) {
  for (const char* line : {"\"abc", "'abc", "\"abc\"d", "'abc'd", "\"abc\\", "a \"", "\"abc\\\""}) {
    EXPECT_FALSE(Split(line).good) << line;
  }
}

}  // namespace
}  // namespace dcs::resp
