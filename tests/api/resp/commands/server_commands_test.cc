#include <gtest/gtest.h>

#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

TEST(Flush, RemovesEverythingNowOrInTheBackground) {
  for (const char* line : {"FLUSHALL", "FLUSHDB", "FLUSHALL ASYNC", "flushdb sync"}) {
    Session s;
    s.Do("MSET a 1 b 2");
    s.Do("HSET h f v");
    EXPECT_EQ(s.Do(line), kOk) << line;
    EXPECT_EQ(s.Do("DBSIZE"), Int(0));
    EXPECT_EQ(s.Do("GET a"), kNil);
  }
}

TEST(Flush, RefusesOtherWords) {
  Session s;
  s.Do("SET a 1");
  EXPECT_EQ(s.Do("FLUSHALL now"), kSyntaxReply);
  EXPECT_EQ(s.Do("FLUSHDB sync sync"), kSyntaxReply);
  EXPECT_EQ(s.Do("DBSIZE"), Int(1));
}

TEST(Time, IsTheNodesClock) {
  Session s;
  s.Advance(1234);
  EXPECT_EQ(s.Do("TIME"), List({"1700000001", "234000"}));
}

}  // namespace
}  // namespace dcs::resp
