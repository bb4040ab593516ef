#include "api/resp/server/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dcs::resp {
namespace {

using testing::ElementsAre;
using testing::Pair;

absl::Status Set(Settings& settings, const std::vector<std::string_view>& pairs) {
  return settings.Set(pairs);
}

std::string Value(const Settings& settings, std::string_view name) {
  return settings.Matching({&name, 1}).at(0).second;
}

std::string Problem(const std::vector<std::string_view>& pairs) {
  Settings settings;
  return std::string(Set(settings, pairs).message());
}

TEST(Settings, BeginWithRedisDefaults) {
  const Settings settings;
  EXPECT_EQ(Value(settings, "maxmemory-policy"), "noeviction");
  EXPECT_EQ(settings.policy(), MaxmemoryPolicy::kNoEviction);
  EXPECT_EQ(Value(settings, "save"), "");
  EXPECT_EQ(Value(settings, "appendonly"), "no");
  EXPECT_EQ(settings.proto_max_bulk_bytes, 512 << 20);
  EXPECT_EQ(settings.timeout_s, 0);
  EXPECT_FALSE(settings.password_needed());
}

TEST(Settings, AreFoundByPatternsEachOnceAndInAnyCase) {
  const Settings settings;
  const std::vector<std::string_view> patterns = {"lazyfree-lazy-USER-*", "lazyfree-lazy-user-del"};
  EXPECT_THAT(settings.Matching(patterns), ElementsAre(Pair("lazyfree-lazy-user-del", "no"),
                                                       Pair("lazyfree-lazy-user-flush", "no")));
}

TEST(Settings, TakeEffectWhenSet) {
  Settings settings;
  ASSERT_TRUE(Set(settings, {"maxmemory", "100mb", "LAZYFREE-lazy-user-del", "YES"}).ok());
  EXPECT_EQ(settings.maxmemory, 100 << 20);
  EXPECT_EQ(Value(settings, "maxmemory"), "104857600");
  EXPECT_EQ(settings.lazy_user_del, 1);
  ASSERT_TRUE(Set(settings, {"maxmemory-policy", "allkeys-LFU"}).ok());
  EXPECT_TRUE(settings.UsesLfu());
  EXPECT_FALSE(settings.UsesLru());
}

TEST(Settings, AreSetAllOrNone) {
  Settings settings;
  EXPECT_FALSE(Set(settings, {"timeout", "5", "hz", "x"}).ok());
  EXPECT_EQ(settings.timeout_s, 0);
}

TEST(Settings, SayWhatIsWrong) {
  const std::string hz = "CONFIG SET failed (possibly related to argument 'hz') - ";
  EXPECT_EQ(Problem({"hz", "x"}), hz + "argument couldn't be parsed into an integer");
  EXPECT_EQ(Problem({"hz", "-1"}), hz + "argument must be between 0 and 2147483647 inclusive");
  EXPECT_EQ(Problem({"hz", "1", "hz", "2"}), hz + "duplicate parameter");
  EXPECT_EQ(Problem({"nope", "1"}),
            "Unknown option or number of arguments for CONFIG SET - 'nope'");
  EXPECT_THAT(Problem({"databases", "2"}), testing::HasSubstr("can't set immutable config"));
  EXPECT_THAT(Problem({"lazyfree-lazy-expire", "1"}),
              testing::HasSubstr("argument must be 'yes' or 'no'"));
  EXPECT_THAT(Problem({"maxmemory", "1x"}), testing::HasSubstr("argument must be a memory value"));
  EXPECT_THAT(Problem({"maxmemory", "-1"}), testing::HasSubstr("argument must be a memory value"));
  EXPECT_THAT(Problem({"maxmemory", std::string(128, '1')}),
              testing::HasSubstr("argument must be a memory value"));
  EXPECT_THAT(Problem({"maxmemory-policy", "foo"}),
              testing::EndsWith("volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, "
                                "noeviction"));
  EXPECT_THAT(Problem({"save", "900"}), testing::HasSubstr("Invalid save parameters"));
  EXPECT_THAT(Problem({"notify-keyspace-events", "q"}),
              testing::HasSubstr("Invalid event class character"));
}

TEST(Settings, SayTheParametersOwnNameUnlessTheNameIsWhatIsWrong) {
  EXPECT_THAT(Problem({"HZ", "x"}), testing::HasSubstr("argument 'hz'"));
  EXPECT_THAT(Problem({"hz", "1", "HZ", "2"}), testing::HasSubstr("argument 'HZ') - duplicate"));
  EXPECT_THAT(Problem({"DataBases", "2"}), testing::HasSubstr("argument 'DataBases') - can't set"));
  EXPECT_THAT(Problem({std::string_view("a\0b", 3), "1"}), testing::EndsWith("- 'a'"));
  EXPECT_THAT(Problem({"hz", "x", "nope", "1"}), testing::HasSubstr("'nope'"))
      << "names are checked before values";
}

TEST(Settings, ReadMemoryAsRedisDoes) {
  const struct {
    std::string_view given;
    std::string_view shown;
    int64_t number;
  } cases[] = {
      {"", "0", 0},
      {"mb", "0", 0},
      {"010kb", "10240", 10240},
      {std::string_view("1\0b", 3), "1", 1},
      {"9223372036854775808", "9223372036854775808", INT64_MAX},
      {"18446744073709551616", "18446744073709551615", INT64_MAX},
      {"18446744073709551615kb", "18446744073709550592", INT64_MAX},
  };
  for (const auto& each : cases) {
    Settings settings;
    ASSERT_TRUE(Set(settings, {"maxmemory", each.given}).ok()) << each.given;
    EXPECT_EQ(Value(settings, "maxmemory"), each.shown) << each.given;
    EXPECT_EQ(settings.maxmemory, each.number) << each.given;
  }
}

TEST(Settings, OutputLimits_OfOneClass_KeepThoseOfTheOthers) {
  Settings settings;
  const std::string_view name = "client-output-buffer-limit";
  EXPECT_EQ(Value(settings, name),
            "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60");
  EXPECT_EQ(settings.output_limits.Of(ClientClass::kPubSub).hard_bytes, 32u << 20);
  ASSERT_TRUE(Set(settings, {name, "pubsub 1mb 0 0"}).ok());
  ASSERT_TRUE(Set(settings, {name, "normal 1 2 3"}).ok());
  EXPECT_EQ(Value(settings, name), "normal 1 2 3 slave 268435456 67108864 60 pubsub 1048576 0 0");
  EXPECT_EQ(settings.output_limits.Of(ClientClass::kPubSub).hard_bytes, 1u << 20);
  EXPECT_EQ(settings.output_limits.Of(ClientClass::kNormal).soft_seconds, 3);
}

TEST(Settings, OutputLimits_WithAnError_StayAsTheyAre) {
  Settings settings;
  const absl::Status status =
      Set(settings, {"client-output-buffer-limit", "normal 1 2 3 foo 0 0 0"});
  EXPECT_EQ(status.message(),
            "CONFIG SET failed (possibly related to argument 'client-output-buffer-limit') - "
            "Invalid client class specified in buffer limit configuration.");
  EXPECT_EQ(settings.output_limits.Of(ClientClass::kNormal).hard_bytes, 0u);
}

TEST(Settings, KeepEventFlagsInRedisOrder) {
  Settings settings;
  ASSERT_TRUE(Set(settings, {"notify-keyspace-events", "Exg"}).ok());
  EXPECT_EQ(Value(settings, "notify-keyspace-events"), "gxE");
  ASSERT_TRUE(Set(settings, {"notify-keyspace-events", "KEg$lshzxetd"}).ok());
  EXPECT_EQ(Value(settings, "notify-keyspace-events"), "AKE");
}

TEST(Settings, KnowThePassword) {
  Settings settings;
  EXPECT_TRUE(settings.IsPassword(""));
  ASSERT_TRUE(Set(settings, {"requirepass", "secret"}).ok());
  EXPECT_TRUE(settings.password_needed());
  EXPECT_TRUE(settings.IsPassword("secret"));
  for (const char* wrong : {"", "secre", "secrets", "secretsecret", "Secret"}) {
    EXPECT_FALSE(settings.IsPassword(wrong)) << wrong;
  }
}

TEST(Settings, CanBePublishedByTheServer) {
  Settings settings;
  settings.Publish("port", "6379");
  EXPECT_EQ(Value(settings, "port"), "6379");
}

}  // namespace
}  // namespace dcs::resp
