#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "session.h"

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
