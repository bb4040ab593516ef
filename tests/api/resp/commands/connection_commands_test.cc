#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kWrongPass = Err("WRONGPASS invalid username-password pair or user is disabled.");

TEST(Hello, DescribesTheServerInTheProtocolAskedFor) {
  Session s;
  EXPECT_EQ(s.Do("HELLO"), "*14\r\n" + Bulk("server") + Bulk("redis") + Bulk("version") +
                               Bulk("7.0.15") + Bulk("proto") + Int(2) + Bulk("id") + Int(1) +
                               Bulk("mode") + Bulk("standalone") + Bulk("role") + Bulk("master") +
                               Bulk("modules") + "*0\r\n");
  EXPECT_THAT(s.Do("HELLO 3"), StartsWith("%7\r\n"));
  EXPECT_THAT(s.Do("HELLO"), StartsWith("%7\r\n")) << "without a version nothing changes";
  EXPECT_EQ(s.Do("GET nokey"), "_\r\n");
  EXPECT_THAT(s.Do("HELLO 2"), StartsWith("*14\r\n"));
}

TEST(Hello, RefusesUnknownVersionsAndOptions) {
  Session s;
  EXPECT_EQ(s.Do("HELLO 4"), Err("NOPROTO unsupported protocol version"));
  EXPECT_EQ(s.Do("HELLO 1"), Err("NOPROTO unsupported protocol version"));
  EXPECT_EQ(s.Do("HELLO x"), Err("ERR Protocol version is not an integer or out of range"));
  EXPECT_EQ(s.Do("HELLO 3 foo"), Err("ERR Syntax error in HELLO option 'foo'"));
  EXPECT_EQ(s.Do("HELLO 3 AUTH default"), Err("ERR Syntax error in HELLO option 'AUTH'"));
  EXPECT_EQ(s.client().protocol, 2);
}

TEST(Hello, LogsInAndSetsTheName) {
  Session s;
  s.Do("CONFIG SET requirepass secret");
  s.client().authenticated = false;
  EXPECT_THAT(s.Do("HELLO 3"), StartsWith("-NOAUTH HELLO must be called"));
  EXPECT_EQ(s.Do("HELLO 3 AUTH default wrong"), kWrongPass);
  EXPECT_EQ(s.client().protocol, 2);
  EXPECT_THAT(s.Do("HELLO 3 AUTH default secret SETNAME me"), StartsWith("%7\r\n"));
  EXPECT_EQ(s.Do("CLIENT GETNAME"), Bulk("me"));
}

TEST(Auth, TakesAPasswordOrAUserAndOne) {
  Session s;
  s.Do("CONFIG SET requirepass secret");
  s.client().authenticated = false;
  EXPECT_EQ(s.Do("AUTH wrong"), kWrongPass);
  EXPECT_EQ(s.Do("AUTH default wrong"), kWrongPass);
  EXPECT_EQ(s.Do("AUTH someone secret"), kWrongPass);
  EXPECT_FALSE(s.client().authenticated);
  EXPECT_EQ(s.Do("AUTH default secret"), kOk);
  EXPECT_TRUE(s.client().authenticated);
  EXPECT_EQ(s.Do("AUTH a b c"), kSyntaxReply);
}

TEST(Auth, WithoutPasswordTakesAnyForTheDefaultUser) {
  Session s;
  EXPECT_THAT(s.Do("AUTH x"), StartsWith("-ERR AUTH <password> called without any password"));
  EXPECT_EQ(s.Do("AUTH default x"), kOk);
  EXPECT_EQ(s.Do("AUTH someone x"), kWrongPass);
}

TEST(Ping, AnswersPongOrWhatItWasGiven) {
  Session s;
  EXPECT_EQ(s.Do("PING"), "+PONG\r\n");
  EXPECT_EQ(s.Do("PING hi"), Bulk("hi"));
  EXPECT_EQ(s.Do("PING a b"), Err("ERR wrong number of arguments for 'ping' command"));
  EXPECT_EQ(s.Do("ECHO hi"), Bulk("hi"));
}

TEST(Select, KnowsOnlyTheFirstDatabase) {
  Session s;
  EXPECT_EQ(s.Do("SELECT 0"), kOk);
  EXPECT_EQ(s.Do("SELECT 1"), Err("ERR DB index is out of range"));
  EXPECT_EQ(s.Do("SELECT -1"), Err("ERR DB index is out of range"));
  EXPECT_EQ(s.Do("SELECT x"), kNotIntegerReply);
  EXPECT_EQ(s.Do("SELECT 2147483647"), Err("ERR DB index is out of range"));
  const std::string out_of_range =
      Err("ERR value is out of range, value must between -2147483648 and 2147483647");
  EXPECT_EQ(s.Do("SELECT 99999999999"), out_of_range);
  EXPECT_EQ(s.Do("SELECT -2147483649"), out_of_range);
  EXPECT_EQ(s.Do("SELECT 9223372036854775808"), kNotIntegerReply);
}

TEST(Quit, AnswersAndCloses) {
  Session s;
  EXPECT_EQ(s.Do("QUIT now"), kOk);
  EXPECT_TRUE(s.client().close_after_reply);
}

TEST(Reset, MakesTheConnectionAsNew) {
  Session s;
  s.Do("HELLO 3 SETNAME me");
  s.Do("CONFIG SET requirepass secret");
  EXPECT_EQ(s.Do("RESET"), "+RESET\r\n");
  EXPECT_EQ(s.client().protocol, 2);
  EXPECT_FALSE(s.client().authenticated);
  s.Do("AUTH secret");
  EXPECT_EQ(s.Do("CLIENT GETNAME"), kNil);
}

}  // namespace
}  // namespace dcs::resp
