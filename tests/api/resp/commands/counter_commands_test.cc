#include <gtest/gtest.h>

#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

constexpr std::string_view kOverflowReply = "-ERR increment or decrement would overflow\r\n";

TEST(Incr, CountsFromNothingAndKeepsTheDeadline) {
  Session s;
  EXPECT_EQ(s.Do("INCR n"), Int(1));
  s.Do("PEXPIRE n 100");
  EXPECT_EQ(s.Do("INCRBY n 10"), Int(11));
  EXPECT_EQ(s.Do("DECR n"), Int(10));
  EXPECT_EQ(s.Do("DECRBY n 15"), Int(-5));
  EXPECT_EQ(s.Do("PTTL n"), Int(100));
}

TEST(Incr, StartsAnewWhereTheCounterHasExpired) {
  for (const bool release_on_access : {true, false}) {
    Session s(release_on_access);
    s.Do("SET n 41 PX 10");
    s.Advance(11);
    EXPECT_EQ(s.Do("INCR n"), Int(1));
    EXPECT_EQ(s.Do("TTL n"), Int(-1));
  }
}

TEST(Incr, RefusesToOverflow) {
  Session s;
  s.Do("SET n 9223372036854775807");
  EXPECT_EQ(s.Do("INCR n"), kOverflowReply);
  s.Do("SET n -9223372036854775808");
  EXPECT_EQ(s.Do("DECR n"), kOverflowReply);
  EXPECT_EQ(s.Do("DECRBY n -9223372036854775808"), Err("ERR decrement would overflow"));
  EXPECT_EQ(s.Do("GET n"), Bulk("-9223372036854775808"));
}

TEST(Incr, RefusesWhatIsNoInteger) {
  Session s;
  for (const char* value : {"abc", "1.5", "01", "+1", "9223372036854775808"}) {
    s.Run({"SET", "n", value});
    EXPECT_EQ(s.Do("INCR n"), kNotIntegerReply) << value;
  }
  s.Run({"SET", "n", " 1"});
  EXPECT_EQ(s.Do("INCR n"), kNotIntegerReply);
  EXPECT_EQ(s.Do("INCRBY m 1.5"), kNotIntegerReply);
  s.Do("HSET h f v");
  EXPECT_EQ(s.Do("INCR h"), kWrongTypeReply);
}

TEST(IncrByFloat, AddsAndWritesWithoutTrailingZeros) {
  Session s;
  s.Do("SET n 10.50");
  EXPECT_EQ(s.Do("INCRBYFLOAT n 0.1"), Bulk("10.6"));
  EXPECT_EQ(s.Do("INCRBYFLOAT n -5"), Bulk("5.6"));
  s.Do("SET n 5.0e3");
  EXPECT_EQ(s.Do("INCRBYFLOAT n 2.0e2"), Bulk("5200"));
  EXPECT_EQ(s.Do("INCRBYFLOAT n x"), Err("ERR value is not a valid float"));
  EXPECT_EQ(s.Do("INCRBYFLOAT n inf"), Err("ERR increment would produce NaN or Infinity"));
  EXPECT_EQ(s.Do("GET n"), Bulk("5200"));
}

}  // namespace
}  // namespace dcs::resp
