#include <gtest/gtest.h>

#include <algorithm>

#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

TEST(HSet, CountsNewFields) {
  Session s;
  EXPECT_EQ(s.Do("HSET h a 1 b 2"), Int(2));
  EXPECT_EQ(s.Do("HSET h a 3 c 4"), Int(1));
  EXPECT_EQ(s.Do("HGET h a"), Bulk("3"));
  EXPECT_EQ(s.Do("HMSET h d 5"), kOk);
  EXPECT_EQ(s.Do("HLEN h"), Int(4));
}

TEST(HSet, AcceptsOnlyPairs) {
  Session s;
  EXPECT_EQ(s.Do("HSET h a"), Err("ERR wrong number of arguments for 'hset' command"));
  EXPECT_EQ(s.Do("HSET h a 1 b"), Err("ERR wrong number of arguments for 'hset' command"));
  EXPECT_EQ(s.Do("HMSET h a 1 b"), Err("ERR wrong number of arguments for 'hmset' command"));
  EXPECT_EQ(s.Do("EXISTS h"), Int(0));
}

TEST(HSet, KeepsTheDeadlineAndStartsAnewAfterIt) {
  for (const bool release_on_access : {true, false}) {
    Session s(release_on_access);
    s.Do("HSET h a 1");
    s.Do("PEXPIRE h 100");
    s.Do("HSET h b 2");
    EXPECT_EQ(s.Do("PTTL h"), Int(100));
    s.Advance(101);
    EXPECT_EQ(s.Do("HSET h c 3"), Int(1));
    EXPECT_EQ(s.Do("HGETALL h"), List({"c", "3"})) << "the dead hash's fields are gone";
    EXPECT_EQ(s.Do("PTTL h"), Int(-1));
  }
}

TEST(HSetNx, SetsOnlyNewFields) {
  Session s;
  EXPECT_EQ(s.Do("HSETNX h a 1"), Int(1));
  EXPECT_EQ(s.Do("HSETNX h a 2"), Int(0));
  EXPECT_EQ(s.Do("HGET h a"), Bulk("1"));
}

TEST(HGet, AnswersForFieldsThatAreNotThere) {
  Session s;
  s.Do("HSET h a 1 b 22");
  EXPECT_EQ(s.Do("HGET h x"), kNil);
  EXPECT_EQ(s.Do("HGET nokey x"), kNil);
  EXPECT_EQ(s.Do("HMGET h a x b"), "*3\r\n" + Bulk("1") + std::string(kNil) + Bulk("22"));
  EXPECT_EQ(s.Do("HMGET nokey x"), "*1\r\n" + std::string(kNil));
  EXPECT_EQ(s.Do("HEXISTS h a"), Int(1));
  EXPECT_EQ(s.Do("HEXISTS h x"), Int(0));
  EXPECT_EQ(s.Do("HSTRLEN h b"), Int(2));
  EXPECT_EQ(s.Do("HSTRLEN h x"), Int(0));
}

TEST(HGetAll, IsAMapInResp3) {
  Session s;
  s.Do("HSET h a 1");
  EXPECT_EQ(s.Do("HGETALL h"), List({"a", "1"}));
  EXPECT_EQ(s.Do("HKEYS h"), List({"a"}));
  EXPECT_EQ(s.Do("HVALS h"), List({"1"}));
  s.Do("HELLO 3");
  EXPECT_EQ(s.Do("HGETALL h"), "%1\r\n" + Bulk("a") + Bulk("1"));
  EXPECT_EQ(s.Do("HGETALL nokey"), "%0\r\n");
}

TEST(HDel, RemovesTheKeyWithItsLastField) {
  Session s;
  s.Do("HSET h a 1 b 2");
  EXPECT_EQ(s.Do("HDEL h a x a"), Int(1));
  EXPECT_EQ(s.Do("EXISTS h"), Int(1));
  EXPECT_EQ(s.Do("HDEL h b"), Int(1));
  EXPECT_EQ(s.Do("EXISTS h"), Int(0));
  EXPECT_EQ(s.Do("DBSIZE"), Int(0));
  EXPECT_EQ(s.Do("HDEL h b"), Int(0));
}

TEST(HIncrBy, AddsWithinLimits) {
  Session s;
  EXPECT_EQ(s.Do("HINCRBY h n 5"), Int(5));
  EXPECT_EQ(s.Do("HINCRBY h n -7"), Int(-2));
  s.Do("HSET h big 9223372036854775807 text abc");
  EXPECT_EQ(s.Do("HINCRBY h big 1"), Err("ERR increment or decrement would overflow"));
  EXPECT_EQ(s.Do("HINCRBY h text 1"), Err("ERR hash value is not an integer"));
  EXPECT_EQ(s.Do("HINCRBY h n x"), kNotIntegerReply);
  EXPECT_EQ(s.Do("HINCRBYFLOAT h n 0.5"), Bulk("-1.5"));
  EXPECT_EQ(s.Do("HINCRBYFLOAT h text 1"), Err("ERR hash value is not a float"));
  EXPECT_EQ(s.Do("HINCRBYFLOAT h n inf"), Err("ERR value is NaN or Infinity"));
}

TEST(HashCommands, LeaveNoEmptyHashBehindWhereTheyFail) {
  Session s;
  EXPECT_EQ(s.Do("HINCRBY h n x"), kNotIntegerReply);
  EXPECT_EQ(s.Do("HINCRBYFLOAT h n nan"), Err("ERR value is not a valid float"));
  EXPECT_EQ(s.Do("DBSIZE"), Int(0));
}

TEST(HashCommands, RefuseOtherTypes) {
  Session s;
  s.Do("SET s v");
  for (const char* line : {"HSET s f v", "HMSET s f v", "HSETNX s f v", "HGET s f", "HMGET s f",
                           "HGETALL s", "HKEYS s", "HVALS s", "HDEL s f", "HLEN s", "HEXISTS s f",
                           "HSTRLEN s f", "HINCRBY s f 1", "HINCRBYFLOAT s f 1", "HSCAN s 0"}) {
    EXPECT_EQ(s.Do(line), kWrongTypeReply) << line;
  }
}

}  // namespace
}  // namespace dcs::resp
