#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "tests/api/resp/resp_value.h"
#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

// One whole walk: how often each element came. `head` is all before the cursor, `tail` all behind.
std::map<std::string, int> Walk(
    Session& s, std::vector<std::string> head, std::vector<std::string> tail,
    const std::function<void()>& between = [] {}) {
  std::map<std::string, int> seen;
  std::string cursor = "0";
  do {
    std::vector<std::string_view> args(head.begin(), head.end());
    args.push_back(cursor);
    args.insert(args.end(), tail.begin(), tail.end());
    const RespValue reply = ParseReply(s.Run(args));
    EXPECT_EQ(reply.elements.size(), 2u);
    for (const RespValue& element : reply.elements.at(1).elements) ++seen[element.text];
    cursor = reply.elements.at(0).text;
    between();
  } while (cursor != "0");
  return seen;
}

TEST(Scan, VisitsEachKeyExactlyOnceWhateverIsAddedMeanwhile) {
  Session s;
  for (int i = 0; i < 3000; ++i) s.Run({"SET", "key:" + std::to_string(i), "v"});
  int added = 0;
  const auto seen = Walk(s, {"SCAN"}, {"COUNT", "50"}, [&] {
    for (int i = 0; i < 60; ++i) s.Run({"SET", "new:" + std::to_string(added++), "v"});
  });
  EXPECT_GT(added, 1000);
  for (int i = 0; i < 3000; ++i) ASSERT_EQ(seen.at("key:" + std::to_string(i)), 1) << i;
  for (const auto& [key, times] : seen) ASSERT_EQ(times, 1) << key;
}

TEST(Scan, FiltersByPatternAndType) {
  Session s;
  s.Do("MSET user:1 a user:2 b order:1 c");
  s.Do("HSET user:h f v");
  EXPECT_THAT(Walk(s, {"SCAN"}, {"MATCH", "user:[12]"}),
              UnorderedElementsAre(testing::Key("user:1"), testing::Key("user:2")));
  EXPECT_THAT(Walk(s, {"SCAN"}, {"TYPE", "HASH"}), ElementsAre(testing::Key("user:h")));
  EXPECT_THAT(Walk(s, {"SCAN"}, {"type", "list"}), testing::IsEmpty());
}

TEST(Scan, RefusesBadCursorsAndOptions) {
  Session s;
  for (const char* cursor : {"x", "1x", "18446744073709551616", " 1"}) {
    EXPECT_EQ(s.Run({"SCAN", cursor}), Err("ERR invalid cursor")) << cursor;
  }
  EXPECT_EQ(s.Do("SCAN 0 COUNT 0"), kSyntaxReply);
  EXPECT_EQ(s.Do("SCAN 0 COUNT x"), kNotIntegerReply);
  EXPECT_EQ(s.Do("SCAN 0 MATCH"), kSyntaxReply);
  EXPECT_EQ(s.Do("SCAN 0 FOO 1"), kSyntaxReply);
}

TEST(Scan, EndsAtCursorsThatWereNeverGivenOut) {
  Session s;
  s.Do("SET k v");
  EXPECT_EQ(s.Do("SCAN 18446744073709551615"), "*2\r\n$1\r\n0\r\n*0\r\n");
  EXPECT_EQ(s.Do("SCAN -1"), "*2\r\n$1\r\n0\r\n*0\r\n");
}

TEST(Keys, FindsByPattern) {
  Session s;
  s.Do("MSET one 1 two 2 three 3");
  s.Run({"SET", "", "empty"});
  EXPECT_EQ(s.Do("KEYS o*"), List({"one"}));
  EXPECT_EQ(s.Do("KEYS nothing"), "*0\r\n");
  EXPECT_EQ(ParseReply(s.Do("KEYS *")).elements.size(), 4u) << "the empty key too";
  EXPECT_EQ(ParseReply(s.Do("KEYS t??*")).elements.size(), 2u);
}

TEST(HScan, VisitsEachFieldOnce) {
  Session s;
  for (int i = 0; i < 2000; ++i) s.Run({"HSET", "h", "field" + std::to_string(i), "v"});
  const auto seen = Walk(s, {"HSCAN", "h"}, {"COUNT", "30", "MATCH", "field*"});
  EXPECT_EQ(seen.at("v"), 2000);
  EXPECT_EQ(seen.size(), 2001u);
}

TEST(HScan, AnswersForAbsentKeysAndRefusesBadOptions) {
  Session s;
  s.Do("HSET h f v");
  EXPECT_EQ(s.Do("HSCAN nokey 0"), "*2\r\n$1\r\n0\r\n*0\r\n");
  EXPECT_EQ(s.Do("HSCAN h x"), Err("ERR invalid cursor"));
  EXPECT_EQ(s.Do("HSCAN h 0 TYPE hash"), kSyntaxReply);
  EXPECT_EQ(s.Do("HSCAN h 0 COUNT 0"), kSyntaxReply);
}

}  // namespace
}  // namespace dcs::resp
