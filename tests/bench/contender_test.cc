#include "bench/side_by_side/contender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dcs::bench {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST(ContenderTest, Rival_IsNamedAfterItsProgramAndGetsOptions) {
  const Contender rival = Rival("/opt/valkey/bin/valkey-server --maxclients 100");
  EXPECT_EQ(rival.name, "valkey-server");
  EXPECT_EQ(rival.sweep, SweepKind::kScan);
  ASSERT_GT(rival.command.size(), 5u);
  EXPECT_EQ(rival.command[0], "/opt/valkey/bin/valkey-server");
  EXPECT_EQ(rival.command[2], "100");
  EXPECT_THAT(rival.command, Contains("{port}"));
  EXPECT_THAT(rival.command, Contains("--enable-debug-command"));
}

TEST(ContenderTest, RivalWithPortPlaceholder_GetsNoOptions) {
  EXPECT_THAT(Rival("server -p {port}").command, ElementsAre("server", "-p", "{port}"));
  EXPECT_TRUE(Rival("  ").command.empty());
}

TEST(ContenderTest, ReadyLine_IsFoundAfterOtherOutput) {
  const auto ready = FindReadyLine(
      "a warning\nready http=127.0.0.1:8080 resp=127.0.0.1:6379 project=p-1 instance=i-2\nmore\n");
  ASSERT_TRUE(ready.has_value());
  EXPECT_EQ(ready->http_port, 8080);
  EXPECT_EQ(ready->resp_port, 6379);
  EXPECT_EQ(ready->instance_id, "i-2");
}

TEST(ContenderTest, IncompleteReadyLine_IsIgnored) {
  EXPECT_FALSE(FindReadyLine("").has_value());
  EXPECT_FALSE(FindReadyLine("ready http=127.0.0.1:8080 resp=127.0.0.1:63").has_value());
  EXPECT_FALSE(FindReadyLine("ready http=nonsense\n").has_value());
}

TEST(ContenderTest, InfoField_MatchesTheWholeName) {
  constexpr std::string_view kInfo = "# Memory\r\nmax_used_memory:9\r\nused_memory:123\r\n";
  EXPECT_EQ(InfoField(kInfo, "used_memory"), "123");
  EXPECT_EQ(InfoField(kInfo, "memory"), "");
}

}  // namespace
}  // namespace dcs::bench
