#include "api/rest/json_builder.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

namespace dcs::rest {
namespace {

constexpr JsonLimits kRoomy{.depth = 1'000, .values = 1'000'000};

std::string Dump(const std::string& text, const JsonLimits& limits = kRoomy) {
  const ParsedJson parsed = ParseJson(text, limits);
  return parsed.json ? parsed.json->dump() : "none";
}

TEST(JsonBuilder, KeepsValuesAndTheOrderOfMembers) {
  const std::string text =
      R"({"b":[1,-2,3.5,true,false,null,"x"],"a":{},"c":{"d":{"e":[[],[{}]]}},"":18446744073709551615})";
  EXPECT_EQ(Dump(text), text);
}

TEST(JsonBuilder, DuplicateNames_KeepLastValueAtFirstPlace) {
  EXPECT_EQ(Dump(R"({"a":1,"b":2,"a":{"c":3}})"), R"({"a":{"c":3},"b":2})");
  // A name in the outer object does not affect the inner one.
  EXPECT_EQ(Dump(R"({"a":{"a":{"a":1}},"b":{"a":2}})"), R"({"a":{"a":{"a":1}},"b":{"a":2}})");
}

TEST(JsonBuilder, CountsDepthOfArraysAndObjects) {
  const JsonLimits three{.depth = 3, .values = 100};
  EXPECT_EQ(Dump(R"([{"a":[1]}])", three), R"([{"a":[1]}])");
  EXPECT_EQ(Dump(R"([{"a":[[]]}])", three), "none");
  EXPECT_EQ(Dump(R"([{"a":[{}]}])", three), "none");
  // Side by side is not deeper.
  EXPECT_EQ(Dump("[[[]],[[]],[[]]]", three), "[[[]],[[]],[[]]]");
}

TEST(JsonBuilder, CountsValuesNotNames) {
  const JsonLimits five{.depth = 10, .values = 5};
  EXPECT_EQ(Dump(R"({"a":1,"b":"x","c":null,"d":true})", five),
            R"({"a":1,"b":"x","c":null,"d":true})");
  EXPECT_EQ(Dump(R"({"a":1,"b":"x","c":null,"d":true,"e":2})", five), "none");
  EXPECT_EQ(Dump("[[],{},[],{}]", five), "[[],{},[],{}]");
  EXPECT_EQ(Dump("[[],{},[],{},[]]", five), "none");
  // Replaced members count: they have cost their work.
  EXPECT_EQ(Dump(R"({"a":1,"a":1,"a":1,"a":1,"a":1})", five), "none");
}

// The parser stops at the value over the limit and does not read the rest.
TEST(JsonBuilder, StopsAtTheLimit) {
  const JsonLimits limits{.depth = 32, .values = 100};
  std::string objects = R"({"a":[)";
  for (int i = 0; i < 200'000; ++i) objects += i == 0 ? "{}" : ",{}";
  EXPECT_EQ(ParseJson(objects + "]}", limits).values, 101u);
  EXPECT_EQ(ParseJson(objects + "this is not JSON", limits).values, 101u);
  std::string names = "{";
  for (int i = 0; i < 200'000; ++i) names += "\"" + std::to_string(i) + "\":0,";
  EXPECT_EQ(ParseJson(names + "\"x\":0}", limits).values, 101u);
  EXPECT_EQ(ParseJson(std::string(10'000'000, '['), limits).values, 32u);
}

TEST(JsonBuilder, RefusesInvalidJson) {
  for (const std::string text :
       {"", "{", "}", "[1,]", "{\"a\":}", "{\"a\" 1}", "{1:2}", "nul", "1 2", "\"\xff\"", "\"\t\"",
        "[1e400]", "NaN", "// x\n1", "'a'", "\"\\ud800\""}) {
    EXPECT_EQ(Dump(text), "none") << text;
  }
  EXPECT_EQ(Dump(std::string("{\"a\":1}\0", 8)), "none");
  EXPECT_EQ(Dump(std::string("{\"a\0b\":1}", 9)), "none");
}

// The oracle is nlohmann's own parser: both accept the same texts, with the same values.
TEST(JsonBuilder, AgreesWithTheLibrarysParserOnMutatedTexts) {
  const unsigned seed = 30;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string valid =
      R"({"enable_auto_scan":true,"first_scan_at":"2023-07-07T15:00:05.000z","interval":10,)"
      R"("a":[[],{},[1,-2.5e3,"\u00e9\n"],null],"a":{"b":{"b":false}},"interval":20})";
  const std::string pieces[] = {"{",  "}", "[", "]", ",",    ":",    "\"",
                                "\\", "0", "e", " ", "\xc3", "null", "\"a\":1,"};
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = valid;
    for (size_t n = random() % 4; n > 0; --n) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text.erase(at, 1 + random() % 10);
          break;
        case 1:
          text.insert(at, pieces[random() % std::size(pieces)]);
          break;
        default:
          text = random() % 2 == 0 ? text.substr(0, at + 1) : text.substr(at);
      }
      if (text.empty()) break;
    }
    const Json expected = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    const ParsedJson parsed = ParseJson(text, kRoomy);
    ASSERT_EQ(parsed.json.has_value(), !expected.is_discarded()) << text;
    if (!parsed.json) continue;
    ASSERT_EQ(*parsed.json, expected) << text;
    ++accepted;
    // With the values that it has as its limit it passes, with one fewer it does not.
    ASSERT_TRUE(ParseJson(text, {.depth = 1'000, .values = parsed.values}).json) << text;
    ASSERT_FALSE(ParseJson(text, {.depth = 1'000, .values = parsed.values - 1}).json) << text;
  }
  EXPECT_GT(accepted, 1'000);
}

}  // namespace
}  // namespace dcs::rest
