#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

using testing::StartsWith;

TEST(ObjectEncoding, IsWhatRedisWouldChoose) {
  Session s;
  const auto encoding = [&](std::string_view value) {
    s.Run({"SET", "k", value});
    return s.Do("OBJECT ENCODING k");
  };
  EXPECT_EQ(encoding("9223372036854775807"), Bulk("int"));
  EXPECT_EQ(encoding("01"), Bulk("embstr"));
  EXPECT_EQ(encoding(std::string(44, 'a')), Bulk("embstr"));
  EXPECT_EQ(encoding(std::string(45, 'a')), Bulk("raw"));
  s.Do("SET k 12");
  s.Do("APPEND k 3");
  EXPECT_EQ(s.Do("OBJECT ENCODING k"), Bulk("raw"));
  s.Do("SET k 12");
  s.Run({"APPEND", "k", ""});
  EXPECT_EQ(s.Do("OBJECT ENCODING k"), Bulk("raw"));
  s.Do("APPEND new 12");
  EXPECT_EQ(s.Do("OBJECT ENCODING new"), Bulk("int"));
  EXPECT_EQ(s.Do("OBJECT ENCODING nokey"), kNil);
}

TEST(ObjectEncoding, AfterIncrByFloat_IsNeverInt) {
  Session s;
  s.Do("SET a 1");
  EXPECT_EQ(s.Do("INCRBYFLOAT a 1"), Bulk("2"));
  EXPECT_EQ(s.Do("OBJECT ENCODING a"), Bulk("embstr"));
  EXPECT_EQ(s.Do("OBJECT REFCOUNT a"), Int(1));
  s.Do("INCRBYFLOAT new 1");
  EXPECT_EQ(s.Do("OBJECT ENCODING new"), Bulk("embstr"));
  s.Do("INCRBYFLOAT large 1e60");
  EXPECT_EQ(s.Do("OBJECT ENCODING large"), Bulk("raw"));
  s.Do("RENAME a b");
  s.Do("EXPIRE b 100");
  EXPECT_EQ(s.Do("OBJECT ENCODING b"), Bulk("embstr"));
  EXPECT_EQ(s.Do("INCR b"), Int(3));
  EXPECT_EQ(s.Do("OBJECT ENCODING b"), Bulk("int"));
  s.Do("INCRBYFLOAT b 1");
  s.Do("APPEND b 1");
  EXPECT_EQ(s.Do("OBJECT ENCODING b"), Bulk("raw"));
}

TEST(ObjectEncoding, OfAHashChangesOnceWithSize) {
  Session s;
  s.Do("HSET h f v");
  EXPECT_EQ(s.Do("OBJECT ENCODING h"), Bulk("listpack"));
  s.Run({"HSET", "h", "f", std::string(65, 'v')});
  EXPECT_EQ(s.Do("OBJECT ENCODING h"), Bulk("hashtable"));
}

TEST(ObjectIdleTime, CountsSecondsSinceTheLastAccess) {
  Session s;
  s.Do("SET k v");
  s.Advance(42'000);
  EXPECT_EQ(s.Do("OBJECT IDLETIME k"), Int(42));
  s.Do("GET k");
  EXPECT_EQ(s.Do("OBJECT IDLETIME k"), Int(0));
  EXPECT_EQ(s.Do("OBJECT IDLETIME nokey"), kNil);
}

TEST(ObjectFreq, NeedsAnLfuPolicyAndIdleTimeAnother) {
  Session s;
  s.Do("SET k v");
  EXPECT_THAT(s.Do("OBJECT FREQ k"), StartsWith("-ERR An LFU maxmemory policy is not selected"));
  s.Do("CONFIG SET maxmemory-policy allkeys-lfu");
  EXPECT_THAT(s.Do("OBJECT IDLETIME k"), StartsWith("-ERR An LFU maxmemory policy is selected"));
  EXPECT_THAT(s.Do("OBJECT FREQ k"), StartsWith(":"));
}

TEST(ObjectFreq, GrowsWithUse) {
  Session s;
  s.Do("CONFIG SET maxmemory-policy allkeys-lfu");
  s.Do("SET used v");
  s.Do("SET unused v");
  for (int i = 0; i < 5000; ++i) s.Do("GET used");
  const auto frequency = [&](std::string_view key) {
    return std::stoi(s.Run({"OBJECT", "FREQ", key}).substr(1));
  };
  EXPECT_GT(frequency("used"), frequency("unused"));
}

// What INFO and clients see of a key's counter, 5 for a new key.
class LfuTest : public testing::Test {
 protected:
  LfuTest() { s.Do("CONFIG SET maxmemory-policy allkeys-lfu"); }
  void Heat(std::string_view key) {
    s.Run({"SET", key, "v"});
    for (int i = 0; i < 20'000; ++i) s.Run({"GET", key});
    EXPECT_GT(Frequency(key), 20);
  }
  int Frequency(std::string_view key) {
    return std::stoi(s.Run({"OBJECT", "FREQ", key}).substr(1));
  }

  Session s;
};

TEST_F(LfuTest, RecreatedKey_StartsAt5) {
  Heat("hot");
  s.Do("DEL hot");
  s.Do("SET hot v");
  EXPECT_EQ(Frequency("hot"), 5);
  Heat("hot");
  s.Do("FLUSHALL");
  s.Do("SET hot v");
  EXPECT_EQ(Frequency("hot"), 5);
  Heat("hot");
  s.Do("PEXPIRE hot 10");
  s.Advance(11);
  s.Do("SET hot v");
  EXPECT_EQ(Frequency("hot"), 5);
  Heat("hot");
  s.Do("RENAME hot other");
  s.Do("SET hot v");
  EXPECT_EQ(Frequency("hot"), 5);
  EXPECT_GT(Frequency("other"), 20);
}

// The order that redis-cli --hotkeys shows.
TEST_F(LfuTest, UnreadKeysRankBelowTheHotOne) {
  for (int i = 0; i < 20; ++i) Heat("old:" + std::to_string(i));
  s.Do("FLUSHALL");
  for (int i = 0; i < 300; ++i) s.Run({"SET", "key:" + std::to_string(i), "v"});
  for (int i = 0; i < 10'000; ++i) s.Do("GET key:150");
  for (int i = 0; i < 300; ++i) {
    if (i == 150) continue;
    EXPECT_EQ(Frequency("key:" + std::to_string(i)), 5);
  }
  EXPECT_GT(Frequency("key:150"), 20);
}

// As redis-server 7.0.15 with allkeys-lfu and maxmemory set, so that it shares no integers.
TEST_F(LfuTest, CommandsCountAsInRedis) {
  const auto after = [&](std::initializer_list<std::string_view> commands) {
    s.Do("FLUSHALL");
    for (const std::string_view command : commands) s.Do(command);
    return Frequency("k");
  };
  EXPECT_EQ(after({"SET k v"}), 5);
  EXPECT_EQ(after({"HSET k f v"}), 5);
  EXPECT_EQ(after({"APPEND k v"}), 5);
  EXPECT_EQ(after({"INCR k"}), 5);
  EXPECT_EQ(after({"SET k v", "GET k"}), 6);
  EXPECT_EQ(after({"SET k v", "SET k w"}), 6);
  EXPECT_EQ(after({"SET k v", "SET k longer-than-it-was-before"}), 6);
  EXPECT_EQ(after({"SET k 1", "INCR k"}), 6);
  EXPECT_EQ(after({"SET k v", "APPEND k w"}), 6);
  for (const std::string_view access :
       {"EXPIRE k 100", "PERSIST k", "SET k w NX", "SET k w XX", "SET k w GET", "GETSET k w",
        "SETRANGE k 1 x", "MSET k z", "SETNX k z", "SETEX k 100 w", "GETEX k EX 100", "STRLEN k",
        "GETRANGE k 0 1", "MGET k", "TOUCH k", "HSET k f v", "RENAMENX k k"}) {
    EXPECT_EQ(after({"SET k v", access}), 6) << access;
  }
  EXPECT_EQ(after({"SET k 1", "INCRBYFLOAT k 1"}), 6);
  EXPECT_EQ(after({"HSET k f v", "HSET k f w"}), 6);
  EXPECT_EQ(after({"HSET k f v", "HDEL k g"}), 6);
  EXPECT_EQ(after({"HSET k f v", "HSCAN k 0"}), 6);
  EXPECT_EQ(after({"SET k v", "HGET k f"}), 6) << "the wrong type is found all the same";
  EXPECT_EQ(after({"HSET k f v", "HGET k f"}), 6);
  EXPECT_EQ(after({"SET o v", "RENAME o k"}), 6);
  EXPECT_EQ(after({"SET k v", "SET o v", "RENAME o k"}), 6) << "the value that came";
  EXPECT_EQ(after({"SET k v", "TTL k", "TYPE k", "EXISTS k", "OBJECT ENCODING k", "OBJECT FREQ k",
                   "MEMORY USAGE k", "SCAN 0", "KEYS *", "RANDOMKEY", "DBSIZE"}),
            5);
}

TEST_F(LfuTest, IdleKey_LosesOneAMinute) {
  Heat("hot");
  const int frequency = Frequency("hot");
  s.Advance(180'000);
  EXPECT_EQ(Frequency("hot"), frequency - 3);
}

TEST(ObjectRefCount, IsTheLargestForSharedIntegers) {
  Session s;
  s.Do("MSET small 9999 large 10000 text v");
  EXPECT_EQ(s.Do("OBJECT REFCOUNT small"), Int(2147483647));
  EXPECT_EQ(s.Do("OBJECT REFCOUNT large"), Int(1));
  EXPECT_EQ(s.Do("OBJECT REFCOUNT text"), Int(1));
}

TEST(MemoryUsage, GrowsWithTheValue) {
  Session s;
  const auto usage = [&](std::string_view key) {
    return std::stoll(s.Run({"MEMORY", "USAGE", key}).substr(1));
  };
  s.Do("SET small v");
  s.Run({"SET", "large", std::string(100000, 'v')});
  for (int i = 0; i < 100; ++i) s.Run({"HSET", "h", std::to_string(i), std::string(1000, 'v')});
  EXPECT_GT(usage("small"), 0);
  EXPECT_LT(usage("small"), 64);
  EXPECT_GT(usage("large"), 100000);
  EXPECT_GT(usage("h"), 100000) << "what the record points to counts";
  EXPECT_EQ(s.Do("MEMORY USAGE nokey"), kNil);
  EXPECT_EQ(s.Do("MEMORY USAGE small SAMPLES"), kSyntaxReply);
  EXPECT_EQ(s.Do("MEMORY USAGE small SAMPLES -1"), kSyntaxReply);
  EXPECT_EQ(s.Do("MEMORY USAGE small SAMPLES x"), kNotIntegerReply);
  EXPECT_THAT(s.Do("MEMORY USAGE small SAMPLES 0"), StartsWith(":"));
}

}  // namespace
}  // namespace dcs::resp
