#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "resp_value.h"
#include "session.h"

namespace dcs::resp {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::map<std::string, std::string> Fields(const std::string& text) {
  std::map<std::string, std::string> fields;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = text.find("\r\n", at);
    const std::string line = text.substr(at, end - at);
    if (const size_t colon = line.find(':'); colon != line.npos) {
      fields[line.substr(0, colon)] = line.substr(colon + 1);
    }
    at = end + 2;
  }
  return fields;
}

TEST(Info, ShowsTheDefaultSectionsInRedisForm) {
  Session s;
  const std::string text = ParseReply(s.Do("INFO")).text;
  EXPECT_THAT(text, StartsWith("# Server\r\nredis_version:7.0.15\r\n"));
  for (const char* title : {"# Clients", "# Memory", "# Persistence", "# Stats", "# Replication",
                            "# CPU", "# Modules", "# Cluster", "# Keyspace", "# Expiry"}) {
    EXPECT_THAT(text, HasSubstr(std::string("\r\n\r\n") + title + "\r\n"));
  }
  EXPECT_EQ(Fields(text)["redis_mode"], "standalone");
  EXPECT_EQ(Fields(text)["role"], "master");
}

TEST(Info, ShowsOnlyTheSectionsAskedFor) {
  Session s;
  s.Do("SET k v");
  EXPECT_EQ(ParseReply(s.Do("INFO keyspace")).text,
            "# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n");
  EXPECT_EQ(ParseReply(s.Do("INFO nosuch")).text, "");
  const std::string two = ParseReply(s.Do("INFO KEYSPACE cluster")).text;
  EXPECT_THAT(two, StartsWith("# Cluster\r\n"));
  EXPECT_THAT(two, HasSubstr("# Keyspace\r\n"));
  EXPECT_THAT(ParseReply(s.Do("INFO everything")).text, HasSubstr("# Expiry\r\n"));
  s.Do("HELLO 3");
  EXPECT_EQ(ParseReply(s.Do("INFO cluster")).type, '=');
}

TEST(Info, CountsExpiredKeysThatNothingHasReleased) {
  Session s(/*release_on_access=*/false);
  s.Do("SET a v PX 10");
  s.Do("SET b v PX 10");
  s.Do("SET c v PX 1000");
  s.Do("SET d v");
  s.Advance(11);
  const auto fields = Fields(ParseReply(s.Do("INFO expiry")).text);
  EXPECT_EQ(fields.at("expired_unreleased_keys"), "2");
  EXPECT_GT(std::stoll(fields.at("expired_unreleased_bytes")), 0);
  EXPECT_EQ(fields.at("keys_with_deadline"), "3");
  EXPECT_EQ(fields.at("keys_without_deadline"), "1");
}

TEST(Info, CountsReleasedKeysByCause) {
  Session s;
  s.Do("SET a v PX 10");
  s.Do("SET b v PX 10");
  s.Advance(11);
  s.Do("GET a");
  store::SweepCursor cursor;
  while (!s.node().keyspace.Sweep(cursor, 100, s.now()).done) {
  }
  const auto fields = Fields(ParseReply(s.Do("INFO stats")).text);
  EXPECT_EQ(fields.at("expired_keys"), "2");
  EXPECT_EQ(fields.at("expired_keys_on_access"), "1");
  EXPECT_EQ(fields.at("expired_keys_by_scan"), "1");
  EXPECT_EQ(fields.at("keyspace_misses"), "1");
}

TEST(Info, AccountsForMemory) {
  Session s;
  s.Run({"SET", "k", std::string(300000, 'v')});
  const auto fields = Fields(ParseReply(s.Do("INFO memory")).text);
  EXPECT_EQ(fields.at("used_memory"), std::to_string(s.node().keyspace.UsedBytes()));
  EXPECT_GT(std::stoll(fields.at("used_memory_rss")), 1 << 20);
  EXPECT_GT(std::stoll(fields.at("used_memory_log_live")), 300000);
  EXPECT_THAT(fields.at("used_memory_human"), testing::MatchesRegex("[0-9.]+[KM]"));
  EXPECT_EQ(fields.at("maxmemory_policy"), "noeviction");
  EXPECT_EQ(fields.at("lazyfree_pending_objects"), "0");
}

}  // namespace
}  // namespace dcs::resp
