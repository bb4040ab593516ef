// What releases an expired key, and what counts as an access: the rule of api/README.md, without a
// redis-server. release_rule_differential_test.cc compares every command with one.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/api/resp/commands/key_effects.h"
#include "tests/api/resp/differential/random_commands.h"
#include "tests/api/resp/resp_value.h"
#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

constexpr int kExpired = 2000;

void AddExpiredSessions(Session& s) {
  for (int i = 0; i < kExpired; ++i) {
    s.Run({"SET", "session:" + std::to_string(i), "v", "PX", "10"});
  }
  s.Do("SET live v");
  s.Advance(11);
}

int64_t Keys(Session& s) { return EffectsOf(s.state()).keys; }
int64_t ExpiredKeys(Session& s) { return EffectsOf(s.state()).expired_keys; }

// A whole walk; how many keys it showed.
size_t ScanAll(Session& s, const std::vector<std::string_view>& options) {
  size_t shown = 0;
  std::string cursor = "0";
  do {
    std::vector<std::string_view> args = {"SCAN", cursor};
    args.insert(args.end(), options.begin(), options.end());
    const RespValue reply = ParseReply(s.Run(args));
    shown += reply.elements.at(1).elements.size();
    cursor = reply.elements.at(0).text;
  } while (cursor != "0");
  return shown;
}

TEST(ReleaseRule, Keys_ReleasesNothing) {
  Session s;
  AddExpiredSessions(s);
  EXPECT_EQ(s.Do("KEYS *"), List({"live"}));
  EXPECT_EQ(s.Do("KEYS session:*"), "*0\r\n");
  EXPECT_EQ(s.Do("DBSIZE"), Int(kExpired + 1));
  EXPECT_EQ(ExpiredKeys(s), 0);
}

TEST(ReleaseRule, Scan_WithoutMatchingKeys_ReleasesNothing) {
  Session s;
  AddExpiredSessions(s);
  EXPECT_EQ(ScanAll(s, {"MATCH", "nomatch*"}), 0u);
  EXPECT_EQ(s.Do("DBSIZE"), Int(kExpired + 1));
  EXPECT_EQ(ExpiredKeys(s), 0);
}

TEST(ReleaseRule, Scan_ReleasesOnlyExpiredKeysThatMatch) {
  Session s;
  AddExpiredSessions(s);
  EXPECT_EQ(ScanAll(s, {"MATCH", "session:1*"}), 0u);
  constexpr int kMatching = 1 + 10 + 100 + 1000;  // 1, 10-19, 100-199, 1000-1999
  EXPECT_EQ(s.Do("DBSIZE"), Int(kExpired + 1 - kMatching));
  EXPECT_EQ(ExpiredKeys(s), kMatching);
  EXPECT_EQ(ScanAll(s, {}), 1u);
  EXPECT_EQ(s.Do("DBSIZE"), Int(1));
}

TEST(ReleaseRule, Scan_OfAnotherType_ReleasesAndCounts) {
  Session s;
  AddExpiredSessions(s);
  EXPECT_EQ(ScanAll(s, {"TYPE", "hash"}), 0u);
  EXPECT_EQ(EffectsOf(s.state()),
            (KeyEffects{.keys = 1, .expired_keys = kExpired, .hits = 1, .misses = kExpired}));
}

// A quirk of Redis: the lookup of the type releases the key, whose type is then "none".
TEST(ReleaseRule, Scan_OfTypeNone_ShowsTheKeysItReleases) {
  Session s;
  AddExpiredSessions(s);
  EXPECT_EQ(ScanAll(s, {"TYPE", "none"}), size_t{kExpired});
  EXPECT_EQ(ScanAll(s, {"TYPE", "none"}), 0u);
  Session keeps(/*release_on_access=*/false);
  AddExpiredSessions(keeps);
  EXPECT_EQ(ScanAll(keeps, {"TYPE", "none"}), 0u);
  EXPECT_EQ(Keys(keeps), kExpired + 1);
}

TEST(ReleaseRule, Set_PastDeadline_KeepsTheKeyUntilItIsReleased) {
  Session s;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(s.Run({"SET", "p:" + std::to_string(i), "v", "PXAT", "1"}), kOk);
  }
  EXPECT_EQ(s.Do("DBSIZE"), Int(1000));
  EXPECT_EQ(s.Do("GET p:0"), kNil);
  EXPECT_EQ(s.Do("DBSIZE"), Int(999));
  EXPECT_EQ(s.Do("SET p:1 w EXAT 1 GET"), kNil);
  EXPECT_EQ(s.Do("DBSIZE"), Int(999)) << "the old one is released, the new one is there";
  EXPECT_EQ(ExpiredKeys(s), 2);
}

TEST(ReleaseRule, PastDeadlineOfALiveKey_DeletesItWithoutCounting) {
  for (const char* line : {"EXPIRE k -1", "PEXPIRE k 0", "EXPIREAT k 1", "PEXPIREAT k 1",
                           "GETEX k EXAT 1", "GETEX k PXAT 1"}) {
    Session s;
    s.Do("SET k v");
    s.Do(line);
    EXPECT_EQ(Keys(s), 0) << line;
    EXPECT_EQ(ExpiredKeys(s), 0) << line;
  }
}

TEST(ReleaseRule, MemoryUsage_ShowsAnExpiredKeyAndReleasesNothing) {
  Session s;
  s.Do("SET k v PX 10");
  s.Do("HSET h f v");
  s.Do("PEXPIRE h 10");
  s.Advance(11);
  const KeyEffects before = EffectsOf(s.state());
  EXPECT_EQ(s.Do("MEMORY USAGE k").front(), ':');
  EXPECT_EQ(s.Do("MEMORY USAGE h").front(), ':');
  EXPECT_EQ(s.Do("MEMORY USAGE nokey"), kNil);
  EXPECT_EQ(EffectsOf(s.state()), before);
  EXPECT_EQ(before.keys, 2);
}

TEST(ReleaseRule, RandomKey_ReleasesTheExpiredKeysItDraws) {
  Session s;
  AddExpiredSessions(s);
  EXPECT_EQ(s.Do("RANDOMKEY"), Bulk("live"));
  EXPECT_GT(ExpiredKeys(s), 0);
  EXPECT_EQ(Keys(s), kExpired + 1 - ExpiredKeys(s));
  s.Do("DEL live");
  EXPECT_EQ(s.Do("RANDOMKEY"), kNil);
  EXPECT_EQ(Keys(s), 0);
  EXPECT_EQ(ExpiredKeys(s), kExpired);
}

TEST(ReleaseRule, MSetNx_StopsAtTheFirstLiveKey) {
  Session s;
  s.Do("SET live v");
  s.Do("SET dead v PXAT 1");
  EXPECT_EQ(s.Do("MSETNX live 1 dead 2"), Int(0));
  EXPECT_EQ(ExpiredKeys(s), 0);
  EXPECT_EQ(s.Do("MSETNX dead 2 live 1"), Int(0));
  EXPECT_EQ(ExpiredKeys(s), 1);
}

TEST(ReleaseRule, DebugReload_DropsExpiredKeysWithoutCounting) {
  Session s;
  AddExpiredSessions(s);
  EXPECT_EQ(s.Do("DEBUG RELOAD"), kOk);
  EXPECT_EQ(Keys(s), 1);
  EXPECT_EQ(ExpiredKeys(s), 0);
}

// ---- Hits and misses ----------------------------------------------------------------------------

TEST(Hits, AreCountedAsRedisCounts) {
  const struct {
    const char* line;
    int64_t hits;
    int64_t misses;
  } cases[] = {
      {"OBJECT ENCODING nokey", 0, 1},
      {"OBJECT ENCODING s", 1, 0},
      {"OBJECT REFCOUNT s", 1, 0},
      {"OBJECT IDLETIME nokey", 0, 1},
      {"OBJECT FREQ s", 1, 0},
      {"SCAN 0 TYPE string", 2, 0},
      {"SCAN 0 TYPE hash MATCH s", 1, 0},
      {"SCAN 0", 0, 0},
      {"KEYS *", 0, 0},
      {"RANDOMKEY", 0, 0},
      {"MEMORY USAGE s", 0, 0},
      {"GET h", 1, 0},
      {"MGET s h nokey", 2, 1},
      {"EXISTS s s nokey", 2, 1},
      {"TTL nokey", 0, 1},
      {"GETDEL s", 1, 0},
      {"SET s v GET", 1, 0},
      {"SET s v NX", 0, 0},
      {"DEL s nokey", 0, 0},
      {"EXPIRE s 100", 0, 0},
      {"HGET h nofield", 1, 0},
      {"HDEL nokey f", 0, 0},
  };
  for (const auto& each : cases) {
    Session s;
    s.Do("SET s v");
    s.Do("HSET h f v");
    s.Do(each.line);
    const KeyEffects effects = EffectsOf(s.state());
    EXPECT_EQ(effects.hits, each.hits) << each.line;
    EXPECT_EQ(effects.misses, each.misses) << each.line;
  }
}

// ---- Access times -------------------------------------------------------------------------------

TEST(AccessTime, IsKeptByCommandsThatOnlyAskAboutTheKey) {
  for (const char* line :
       {"EXISTS k", "TYPE k", "TTL k", "PTTL k", "EXPIRETIME k", "PEXPIRETIME k",
        "OBJECT ENCODING k", "OBJECT REFCOUNT k", "OBJECT IDLETIME k", "OBJECT FREQ k",
        "MEMORY USAGE k", "KEYS *", "SCAN 0", "SCAN 0 TYPE string", "RANDOMKEY", "DBSIZE"}) {
    Session s;
    s.Do("SET k v");
    s.Advance(100'000);
    s.Do(line);
    EXPECT_EQ(s.Do("OBJECT IDLETIME k"), Int(100)) << line;
  }
}

TEST(AccessTime, IsRenewedByCommandsThatReadOrWriteTheValueOrItsDeadline) {
  for (const char* line :
       {"GET k", "STRLEN k", "GETRANGE k 0 0", "MGET k", "TOUCH k", "GETEX k", "SET k v",
        "SET k v NX", "SETNX k v", "APPEND k v", "SETRANGE k 0 v", "GETSET k v", "INCR k",
        "HGET k f", "EXPIRE k 100", "EXPIRE k 100 XX", "PERSIST k", "RENAMENX k k"}) {
    Session s;
    s.Do("SET k v");
    s.Advance(100'000);
    s.Do(line);
    EXPECT_EQ(s.Do("OBJECT IDLETIME k"), Int(0)) << line;
  }
}

}  // namespace
}  // namespace dcs::resp
