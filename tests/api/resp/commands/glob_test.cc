#include "api/resp/commands/glob.h"

#include <gtest/gtest.h>

#include <cctype>
#include <random>
#include <string>
#include <string_view>

namespace dcs::resp {
namespace {

using std::string_view;

TEST(Glob, StarMatchesAnyBytesAndNone) {
  EXPECT_TRUE(GlobMatch("*", "anything"));
  EXPECT_TRUE(GlobMatch("user:*", "user:"));
  EXPECT_TRUE(GlobMatch("user:*:name", "user:1:2:name"));
  EXPECT_FALSE(GlobMatch("user:*:name", "user:1:names"));
  EXPECT_TRUE(GlobMatch("a***b", "ab"));
  EXPECT_TRUE(GlobMatch("*\n*", "two\nlines"));
}

TEST(Glob, QuestionMarkMatchesExactlyOneByte) {
  EXPECT_TRUE(GlobMatch("h?llo", "hello"));
  EXPECT_FALSE(GlobMatch("h?llo", "hllo"));
  EXPECT_FALSE(GlobMatch("h?", "hello"));
}

TEST(Glob, BracketsMatchOneOfTheirBytes) {
  EXPECT_TRUE(GlobMatch("h[ae]llo", "hallo"));
  EXPECT_FALSE(GlobMatch("h[ae]llo", "hillo"));
  EXPECT_TRUE(GlobMatch("[a-c]", "b"));
  EXPECT_TRUE(GlobMatch("[c-a]", "b"));
  EXPECT_FALSE(GlobMatch("[^a-c]", "b"));
  EXPECT_TRUE(GlobMatch("[^a-c]", "d"));
  EXPECT_TRUE(GlobMatch("[\\]]", "]"));
  EXPECT_TRUE(GlobMatch("[a", "a")) << "an open bracket closes at the end";
  EXPECT_FALSE(GlobMatch("[]", "]"));
}

TEST(Glob, BackslashTakesAwayTheMeaningOfTheNextByte) {
  EXPECT_TRUE(GlobMatch("\\*", "*"));
  EXPECT_FALSE(GlobMatch("\\*", "a"));
  EXPECT_TRUE(GlobMatch("a\\", "a\\"));
}

TEST(Glob, NothingButTheEmptyPatternMatchesTheEmptyText) {
  EXPECT_TRUE(GlobMatch("", ""));
  EXPECT_FALSE(GlobMatch("*", ""));
  EXPECT_FALSE(GlobMatch("", "a"));
}

TEST(Glob, CaseIsIgnoredWhereAsked) {
  EXPECT_TRUE(GlobMatch("MAX*", "maxmemory", Case::kIgnored));
  EXPECT_TRUE(GlobMatch("[A-C]x", "bX", Case::kIgnored));
  EXPECT_FALSE(GlobMatch("MAX*", "maxmemory"));
}

TEST(Glob, ManyStarsAgainstALongTextEndSoon) {
  std::string pattern;
  for (int i = 0; i < 2000; ++i) pattern += "a*";
  const std::string text(20000, 'a');
  EXPECT_FALSE(GlobMatch(pattern + "b", text));
  EXPECT_TRUE(GlobMatch(pattern, text));
}

// What each element means, by the plain recursive definition.
bool NaiveMatch(string_view pattern, string_view text);

bool NaiveBracket(string_view& pattern, char c) {
  pattern.remove_prefix(1);
  const bool negated = pattern.starts_with('^');
  if (negated) pattern.remove_prefix(1);
  bool found = false;
  while (!pattern.empty() && pattern[0] != ']') {
    if (pattern[0] == '\\' && pattern.size() >= 2) {
      found |= pattern[1] == c;
      pattern.remove_prefix(2);
    } else if (pattern.size() >= 3 && pattern[1] == '-') {
      const char low = std::min(pattern[0], pattern[2]), high = std::max(pattern[0], pattern[2]);
      found |= low <= c && c <= high;
      pattern.remove_prefix(3);
    } else {
      found |= pattern[0] == c;
      pattern.remove_prefix(1);
    }
  }
  if (!pattern.empty()) pattern.remove_prefix(1);
  return found != negated;
}

bool NaiveMatch(string_view pattern, string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (size_t taken = 0; taken <= text.size(); ++taken) {
      if (NaiveMatch(pattern.substr(1), text.substr(taken))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  if (pattern[0] == '[')
    return NaiveBracket(pattern, text[0]) && NaiveMatch(pattern, text.substr(1));
  if (pattern[0] == '?') return NaiveMatch(pattern.substr(1), text.substr(1));
  if (pattern[0] == '\\' && pattern.size() >= 2) pattern.remove_prefix(1);
  return pattern[0] == text[0] && NaiveMatch(pattern.substr(1), text.substr(1));
}

TEST(Glob, AgreesWithThePlainDefinitionOnRandomPatterns) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto pick = [&](string_view from, size_t most) {
    std::string text;
    for (size_t left = random() % (most + 1); left > 0; --left)
      text += from[random() % from.size()];
    return text;
  };
  size_t matched = 0;
  for (int i = 0; i < 300000; ++i) {
    const std::string pattern = pick("aabbc**?[]^-\\\xff", 10);
    const std::string text = pick("aabbc]-\\\xff", 7);
    if (text.empty()) continue;
    const bool expected = NaiveMatch(pattern, text);
    ASSERT_EQ(GlobMatch(pattern, text), expected) << "pattern " << pattern << " text " << text;
    matched += expected ? 1 : 0;
  }
  EXPECT_GT(matched, 1000u) << "the patterns say nothing";
}

}  // namespace
}  // namespace dcs::resp
