#include <gtest/gtest.h>

#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

TEST(Expire, SetsDeadlinesInFourForms) {
  Session s;
  s.Do("MSET a 1 b 1 c 1 d 1");
  EXPECT_EQ(s.Do("EXPIRE a 10"), Int(1));
  EXPECT_EQ(s.Do("PEXPIRE b 1500"), Int(1));
  EXPECT_EQ(s.Run({"EXPIREAT", "c", std::to_string(kStartTime / 1000 + 5)}), Int(1));
  EXPECT_EQ(s.Run({"PEXPIREAT", "d", std::to_string(kStartTime + 7)}), Int(1));
  EXPECT_EQ(s.Do("PTTL a"), Int(10000));
  EXPECT_EQ(s.Do("PTTL b"), Int(1500));
  EXPECT_EQ(s.Do("PTTL c"), Int(5000));
  EXPECT_EQ(s.Do("PEXPIRETIME d"), Int(kStartTime + 7));
  EXPECT_EQ(s.Do("EXPIRE nokey 10"), Int(0));
}

TEST(Expire, WithATimeThatHasComeDeletes) {
  for (const char* line : {"EXPIRE k 0", "EXPIRE k -1", "PEXPIRE k -9223372036854775808",
                           "EXPIREAT k 1", "PEXPIREAT k 1700000000000", "PEXPIREAT k -5"}) {
    Session s;
    s.Do("SET k v");
    EXPECT_EQ(s.Do(line), Int(1)) << line;
    EXPECT_EQ(s.Do("DBSIZE"), Int(0)) << line;
  }
}

TEST(Expire, RefusesTimesThatOverflow) {
  Session s;
  s.Do("SET k v");
  const auto refusal = [](std::string_view command) {
    return Err("ERR invalid expire time in '" + std::string(command) + "' command");
  };
  EXPECT_EQ(s.Do("EXPIRE k 9223372036854775807"), refusal("expire"));
  EXPECT_EQ(s.Do("EXPIRE k -9223372036854775808"), refusal("expire"));
  EXPECT_EQ(s.Do("PEXPIRE k 9223372036854775807"), refusal("pexpire"));
  EXPECT_EQ(s.Do("EXPIREAT k 9223372036854776"), refusal("expireat"));
  EXPECT_EQ(s.Do("EXPIRE k x"), kNotIntegerReply);
  EXPECT_EQ(s.Do("TTL k"), Int(-1));
}

TEST(Expire, KeepsDeadlinesBeyondAllCalendars) {
  Session s;
  s.Do("SET k v");
  EXPECT_EQ(s.Do("PEXPIREAT k 9223372036854775807"), Int(1));
  EXPECT_NE(s.Do("TTL k"), Int(-1)) << "the last millisecond is not \"never\"";
  EXPECT_EQ(s.Do("EXPIRETIME k"), Int(9223372036854776));
  EXPECT_EQ(s.Do("PEXPIREAT k 4200000000000"), Int(1));
  EXPECT_EQ(s.Do("PEXPIRETIME k"), Int(4200000000000));
}

TEST(Expire, ObeysItsConditions) {
  Session s;
  s.Do("SET k v");
  EXPECT_EQ(s.Do("EXPIRE k 100 XX"), Int(0));
  EXPECT_EQ(s.Do("EXPIRE k 100 GT"), Int(0)) << "no deadline is later than any";
  EXPECT_EQ(s.Do("EXPIRE k 100 LT"), Int(1));
  EXPECT_EQ(s.Do("EXPIRE k 50 NX"), Int(0));
  EXPECT_EQ(s.Do("EXPIRE k 50 GT"), Int(0));
  EXPECT_EQ(s.Do("EXPIRE k 100 gt"), Int(0));
  EXPECT_EQ(s.Do("EXPIRE k 200 gt xx"), Int(1));
  EXPECT_EQ(s.Do("EXPIRE k 200 LT"), Int(0));
  EXPECT_EQ(s.Do("EXPIRE k 20 LT XX"), Int(1));
  EXPECT_EQ(s.Do("TTL k"), Int(20));
}

TEST(Expire, RefusesConditionsThatContradictEachOther) {
  Session s;
  s.Do("SET k v");
  const std::string nx = Err("ERR NX and XX, GT or LT options at the same time are not compatible");
  EXPECT_EQ(s.Do("EXPIRE k 1 NX XX"), nx);
  EXPECT_EQ(s.Do("EXPIRE k 1 NX GT"), nx);
  EXPECT_EQ(s.Do("EXPIRE k 1 LT NX"), nx);
  EXPECT_EQ(s.Do("EXPIRE k 1 GT LT"),
            Err("ERR GT and LT options at the same time are not compatible"));
  EXPECT_EQ(s.Do("EXPIRE k 1 FOO"), Err("ERR Unsupported option FOO"));
  EXPECT_EQ(s.Do("TTL k"), Int(-1));
}

TEST(Expire, DoesNotReviveAnExpiredKey) {
  for (const bool release_on_access : {true, false}) {
    Session s(release_on_access);
    s.Do("SET k v PX 10");
    s.Advance(11);
    EXPECT_EQ(s.Do("EXPIRE k 100"), Int(0));
    EXPECT_EQ(s.Do("GET k"), kNil);
  }
}

TEST(Ttl, RoundsToTheNearestSecond) {
  Session s;
  s.Do("SET k v PX 1500");
  EXPECT_EQ(s.Do("TTL k"), Int(2));
  s.Advance(1);
  EXPECT_EQ(s.Do("TTL k"), Int(1));
  EXPECT_EQ(s.Do("TTL nokey"), Int(-2));
}

TEST(Ttl, IsZeroAtTheLastMillisecond) {
  Session s;
  s.Do("SET k v PX 10");
  s.Advance(10);
  EXPECT_EQ(s.Do("PTTL k"), Int(0));
  s.Advance(1);
  EXPECT_EQ(s.Do("PTTL k"), Int(-2));
}

TEST(Persist, TakesTheDeadlineAwayUnlessItHasPassed) {
  Session s;
  s.Do("SET k v PX 10");
  EXPECT_EQ(s.Do("PERSIST k"), Int(1));
  EXPECT_EQ(s.Do("PERSIST k"), Int(0));
  s.Advance(1000);
  EXPECT_EQ(s.Do("GET k"), Bulk("v"));
  s.Do("PEXPIRE k 10");
  s.Advance(11);
  EXPECT_EQ(s.Do("PERSIST k"), Int(0));
  EXPECT_EQ(s.Do("GET k"), kNil);
}

TEST(Expire, QuotesAnUnknownOptionWithoutItsLastLineBreaks) {
  Session s;
  EXPECT_EQ(s.Run({"EXPIRE", "k", "1", "1\n"}), Err("ERR Unsupported option 1"));
  EXPECT_EQ(s.Run({"EXPIRE", "k", "1", "a\nb\r\n"}), Err("ERR Unsupported option a b"));
  EXPECT_EQ(s.Run({"EXPIRE", "k", "1", std::string_view("a\0b", 3)}),
            Err("ERR Unsupported option a"));
}

TEST(ExpireTime, ShowsTheLastMillisecondOfAll) {
  Session s;
  for (const char* line : {"SET k v PXAT 9223372036854775807", "GETEX k PXAT 9223372036854775807",
                           "PEXPIREAT k 9223372036854775807"}) {
    s.Do(line);
    EXPECT_EQ(s.Do("PEXPIRETIME k"), Int(INT64_MAX)) << line;
    EXPECT_EQ(s.Do("EXPIRETIME k"), Int(9223372036854776)) << line;
    EXPECT_EQ(s.Do("PTTL k"), Int(INT64_MAX - s.now())) << line;
  }
  EXPECT_EQ(s.Do("PEXPIREAT k 9223372036854775807 GT"), Int(0));
  EXPECT_EQ(s.Do("PEXPIREAT k 9223372036854775807 LT"), Int(0));
  EXPECT_EQ(s.Do("SET k v PXAT 9223372036854775307"), kOk);
  EXPECT_EQ(s.Do("PEXPIRETIME k"), Int(9223372036854775307));
}

}  // namespace
}  // namespace dcs::resp
