#include <gtest/gtest.h>

#include "scanner/event_queue.h"
#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

TEST(Debug, SwitchesNaturalDeletion) {
  Session s;
  EXPECT_EQ(s.Do("DEBUG SET-ACTIVE-EXPIRE 0"), kOk) << "also without natural deletion";
  store::VirtualClock clock(kStartTime);
  scanner::EventQueue queue(clock);
  s.node().natural_deletion = std::make_unique<scanner::NaturalDeletion>(
      queue, s.node().keyspace, scanner::RedisNaturalDeletion(1),
      [](const scanner::NaturalDeletion::Work&) { return 0; });
  EXPECT_EQ(s.Do("DEBUG set-active-expire 0"), kOk);
  EXPECT_FALSE(s.node().natural_deletion->enabled());
  EXPECT_EQ(s.Do("DEBUG SET-ACTIVE-EXPIRE 1"), kOk);
  EXPECT_TRUE(s.node().natural_deletion->enabled());
  s.node().natural_deletion.reset();
}

TEST(Debug, SleepAsksForAHold) {
  Session s;
  EXPECT_EQ(s.Do("DEBUG SLEEP 0.25"), kOk);
  EXPECT_EQ(s.client().hold_us, 250'000);
  s.client().hold_us.reset();
  for (const char* line : {"DEBUG SLEEP 0", "DEBUG SLEEP -1", "DEBUG SLEEP x", "DEBUG SLEEP nan"}) {
    EXPECT_EQ(s.Do(line), kOk);
    EXPECT_FALSE(s.client().hold_us) << line;
  }
}

TEST(Debug, ReloadReleasesExpiredKeysOnly) {
  Session s;
  s.Do("SET live v");
  s.Do("SET dead v PX 1");
  s.Advance(2);
  EXPECT_EQ(s.Do("DBSIZE"), Int(2));
  EXPECT_EQ(s.Do("DEBUG RELOAD"), kOk);
  EXPECT_EQ(s.Do("DBSIZE"), Int(1));
  EXPECT_EQ(s.Do("GET live"), Bulk("v"));
}

TEST(Debug, RefusesUnknownArguments) {
  Session s;
  const auto refusal = [](std::string_view name) {
    return Err("ERR unknown subcommand or wrong number of arguments for '" + std::string(name) +
               "'. Try DEBUG HELP.");
  };
  EXPECT_EQ(s.Do("DEBUG foo"), refusal("foo"));
  EXPECT_EQ(s.Do("DEBUG sleep"), refusal("sleep"));
  EXPECT_EQ(s.Do("DEBUG ERROR boom"), Err("boom"));
}

}  // namespace
}  // namespace dcs::resp
