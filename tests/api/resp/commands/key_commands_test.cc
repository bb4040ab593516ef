#include <gtest/gtest.h>

#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

TEST(Del, CountsWhatWasThere) {
  Session s;
  s.Do("MSET a 1 b 2");
  EXPECT_EQ(s.Do("DEL a b c a"), Int(2));
  EXPECT_EQ(s.Do("DBSIZE"), Int(0));
}

TEST(Del, DoesNotCountAnExpiredKey) {
  for (const bool release_on_access : {true, false}) {
    Session s(release_on_access);
    s.Do("SET a 1 PX 10");
    s.Do("SET b 1 PX 10");
    s.Advance(11);
    EXPECT_EQ(s.Do("DEL a"), Int(0));
    EXPECT_EQ(s.Do("UNLINK b"), Int(0));
  }
}

TEST(Unlink, LeavesLargeValuesToTheBackgroundAndDelDoesNot) {
  Session s;
  const auto fill = [&](std::string_view key) {
    for (int i = 0; i < 200; ++i) s.Run({"HSET", key, std::to_string(i), "v"});
  };
  fill("a");
  fill("b");
  fill("c");
  EXPECT_EQ(s.Do("DEL a"), Int(1));
  EXPECT_EQ(s.node().keyspace.lazy_free().counters().pending_objects, 0u);
  EXPECT_EQ(s.Do("UNLINK b"), Int(1));
  EXPECT_EQ(s.node().keyspace.lazy_free().counters().pending_objects, 1u);
  s.Do("CONFIG SET lazyfree-lazy-user-del yes");
  EXPECT_EQ(s.Do("DEL c"), Int(1));
  EXPECT_EQ(s.node().keyspace.lazy_free().counters().pending_objects, 2u);
}

TEST(Exists, CountsAKeyNamedTwiceTwice) {
  Session s;
  s.Do("SET a 1");
  EXPECT_EQ(s.Do("EXISTS a a b"), Int(2));
  EXPECT_EQ(s.Do("TOUCH a b"), Int(1));
}

TEST(Type, NamesTheTypes) {
  Session s;
  s.Do("SET s v");
  s.Do("HSET h f v");
  EXPECT_EQ(s.Do("TYPE s"), "+string\r\n");
  EXPECT_EQ(s.Do("TYPE h"), "+hash\r\n");
  EXPECT_EQ(s.Do("TYPE nokey"), "+none\r\n");
}

TEST(ExpiredKeys, AreInvisibleToEveryCommandThatReads) {
  for (const bool release_on_access : {true, false}) {
    SCOPED_TRACE(release_on_access ? "released on access" : "not released on access");
    const struct {
      const char* line;
      std::string reply;
    } cases[] = {
        {"GET s", std::string(kNil)},
        {"STRLEN s", Int(0)},
        {"EXISTS s h", Int(0)},
        {"TOUCH s", Int(0)},
        {"TYPE s", "+none\r\n"},
        {"TTL s", Int(-2)},
        {"PTTL s", Int(-2)},
        {"EXPIRETIME s", Int(-2)},
        {"PEXPIRETIME s", Int(-2)},
        {"HGET h f", std::string(kNil)},
        {"HGETALL h", "*0\r\n"},
        {"HLEN h", Int(0)},
        {"HEXISTS h f", Int(0)},
        {"KEYS *", "*0\r\n"},
        {"SCAN 0 COUNT 100", "*2\r\n$1\r\n0\r\n*0\r\n"},
        {"RANDOMKEY", std::string(kNil)},
        {"OBJECT ENCODING s", std::string(kNil)},
        {"RENAME s x", "-ERR no such key\r\n"},
        {"RENAMENX s x", "-ERR no such key\r\n"},
        {"GETDEL s", std::string(kNil)},
        {"GETEX s PERSIST", std::string(kNil)},
        {"DEL s h", Int(0)},
        {"PERSIST s", Int(0)},
        {"EXPIRE s 100", Int(0)},
        {"PEXPIRE s 100 LT", Int(0)},
        {"HDEL h f", Int(0)},
    };
    for (const auto& each : cases) {
      Session s(release_on_access);
      s.Do("SET s v PX 50");
      s.Do("HSET h f v");
      s.Do("PEXPIRE h 50");
      s.Advance(51);
      EXPECT_EQ(s.Do(each.line), each.reply) << each.line;
      EXPECT_EQ(s.Do("EXISTS s h"), Int(0)) << each.line << " has revived a key";
    }
  }
}

TEST(ExpiredKeys, CountInDbSizeUntilTheyAreReleased) {
  Session s;
  s.Do("SET k v PX 50");
  s.Advance(51);
  EXPECT_EQ(s.Do("DBSIZE"), Int(1));
  s.Do("GET k");
  EXPECT_EQ(s.Do("DBSIZE"), Int(0));
}

TEST(ExpiredKeys, StayWhereAccessDoesNotReleaseThem) {
  Session s(/*release_on_access=*/false);
  s.Do("SET k v PX 50");
  s.Advance(51);
  EXPECT_EQ(s.Do("GET k"), kNil);
  EXPECT_EQ(s.Do("DBSIZE"), Int(1));
}

TEST(Rename, MovesValueAndDeadline) {
  Session s;
  s.Do("SET a v PX 500");
  s.Do("SET b w");
  EXPECT_EQ(s.Do("RENAME a b"), kOk);
  EXPECT_EQ(s.Do("GET b"), Bulk("v"));
  EXPECT_EQ(s.Do("PTTL b"), Int(500));
  EXPECT_EQ(s.Do("EXISTS a"), Int(0));
  s.Do("SET c x");
  EXPECT_EQ(s.Do("RENAME c b"), kOk);
  EXPECT_EQ(s.Do("PTTL b"), Int(-1)) << "the target's own deadline goes with its value";
}

TEST(Rename, MovesHashes) {
  Session s;
  s.Do("HSET h f v");
  s.Do("SET t x");
  EXPECT_EQ(s.Do("RENAME h t"), kOk);
  EXPECT_EQ(s.Do("HGET t f"), Bulk("v"));
}

TEST(Rename, ToItselfIsFineWhereTheKeyIsThere) {
  Session s;
  s.Do("SET a v");
  EXPECT_EQ(s.Do("RENAME a a"), kOk);
  EXPECT_EQ(s.Do("RENAMENX a a"), Int(0));
  EXPECT_EQ(s.Do("RENAME b b"), Err("ERR no such key"));
}

TEST(RenameNx, RefusesATargetThatIsThereUnlessItHasExpired) {
  Session s;
  s.Do("MSET a 1 b 2");
  EXPECT_EQ(s.Do("RENAMENX a b"), Int(0));
  s.Do("PEXPIRE b 10");
  s.Advance(11);
  EXPECT_EQ(s.Do("RENAMENX a b"), Int(1));
  EXPECT_EQ(s.Do("GET b"), Bulk("1"));
  EXPECT_EQ(s.Do("TTL b"), Int(-1));
}

TEST(RandomKey, FindsEachLiveKeySoonerOrLater) {
  Session s;
  EXPECT_EQ(s.Do("RANDOMKEY"), kNil);
  s.Do("MSET a 1 b 2");
  s.Do("SET dead 1 PX 1");
  s.Advance(2);
  bool a = false, b = false;
  for (int i = 0; i < 500; ++i) {
    const std::string reply = s.Do("RANDOMKEY");
    ASSERT_TRUE(reply == Bulk("a") || reply == Bulk("b")) << reply;
    (reply == Bulk("a") ? a : b) = true;
  }
  EXPECT_TRUE(a && b);
}

}  // namespace
}  // namespace dcs::resp
