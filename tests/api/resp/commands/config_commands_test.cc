#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

TEST(ConfigGet, AnswersAMap) {
  Session s;
  EXPECT_EQ(s.Do("CONFIG GET hz timeout"), List({"hz", "10", "timeout", "0"}));
  EXPECT_EQ(s.Do("CONFIG GET nosuch*"), "*0\r\n");
  EXPECT_EQ(s.Do("CONFIG GET MAXMEMORY"), List({"MAXMEMORY", "0"})) << "a name is shown as given";
  EXPECT_EQ(s.Do("CONFIG GET MAXMEMORY maxmemory"), List({"MAXMEMORY", "0"}));
  EXPECT_EQ(s.Do("CONFIG GET MAX*Y"), List({"maxmemory", "0", "maxmemory-policy", "noeviction"}));
  EXPECT_EQ(s.Do("CONFIG GET \\hz"), "*0\r\n") << "no pattern without a wildcard";
  s.Do("HELLO 3");
  EXPECT_EQ(s.Do("CONFIG GET save"), "%1\r\n" + Bulk("save") + Bulk(""));
}

TEST(ConfigSet, ChangesWhatConfigGetShows) {
  Session s;
  EXPECT_EQ(s.Do("CONFIG SET maxmemory 1kb timeout 3"), kOk);
  EXPECT_EQ(s.Do("CONFIG GET maxmemory"), List({"maxmemory", "1024"}));
  EXPECT_EQ(s.Do("CONFIG GET timeout"), List({"timeout", "3"}));
}

TEST(ConfigSet, TakesEmptyMemoryForZero) {
  Session s;
  EXPECT_EQ(s.Do("CONFIG SET maxmemory 1kb"), kOk);
  EXPECT_EQ(s.Run({"CONFIG", "SET", "maxmemory", ""}), kOk);
  EXPECT_EQ(s.Do("CONFIG GET maxmemory"), List({"maxmemory", "0"}));
}

TEST(ConfigSet, SaysWhatIsWrong) {
  Session s;
  EXPECT_EQ(s.Do("CONFIG SET hz 1 timeout"), kSyntaxReply);
  EXPECT_EQ(s.Do("CONFIG SET nope 1"),
            Err("ERR Unknown option or number of arguments for CONFIG SET - 'nope'"));
  EXPECT_EQ(s.Do("CONFIG SET hz x"),
            Err("ERR CONFIG SET failed (possibly related to argument 'hz') - argument couldn't be "
                "parsed into an integer"));
}

TEST(ConfigSet, TunesNaturalDeletion) {
  Session s;
  EXPECT_EQ(s.Do("CONFIG SET hz 100 active-expire-effort 5 active-expire-num 200"), kOk);
  const scanner::NaturalDeletionTuning tuning = s.node().tuning.Load();
  EXPECT_EQ(tuning.hz, 100);
  EXPECT_EQ(tuning.effort, 5);
  EXPECT_EQ(tuning.keys, 200);
}

TEST(ConfigResetStat, SetsCountersToZero) {
  Session s;
  s.Do("SET k v PX 1");
  s.Advance(2);
  s.Do("GET k");
  EXPECT_EQ(s.state().run->Keys().expired_keys(), 1u);
  EXPECT_EQ(s.Do("CONFIG RESETSTAT"), kOk);
  EXPECT_EQ(s.state().run->Keys().expired_keys(), 0u);
  EXPECT_EQ(s.state().counters.keyspace_misses, 0u);
}

}  // namespace
}  // namespace dcs::resp
