#include "api/resp/server/output_limits.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace dcs::resp {
namespace {

constexpr std::string_view kWrongNumber =
    "Wrong number of arguments in buffer limit configuration.";
constexpr std::string_view kWrongClass =
    "Invalid client class specified in buffer limit configuration.";
constexpr std::string_view kWrongLimit =
    "Error in hard, soft or soft_seconds setting in buffer limit configuration.";

ClassLimits Initial() {
  std::string problem;
  return *ParseClassLimits("normal 7 8 9 slave 4 5 6 pubsub 1 2 3", {}, problem);
}

// What CONFIG GET shows after `text` was set, or the problem.
std::string After(std::string_view text) {
  std::string problem;
  const auto limits = ParseClassLimits(text, Initial(), problem);
  return limits ? limits->Text() : problem;
}

TEST(OutputLimits, Parse_ReadsWhatRedisReads) {
  const struct {
    std::string_view given;
    std::string_view shown;
  } cases[] = {
      {"", "normal 7 8 9 slave 4 5 6 pubsub 1 2 3"},
      {"normal 1 2 3", "normal 1 2 3 slave 4 5 6 pubsub 1 2 3"},
      {"replica 1mb 2kb 3 slave 5 6 7", "normal 7 8 9 slave 5 6 7 pubsub 1 2 3"},
      {"PubSub 1g 2gb 007 NORMAL 0 0 0", "normal 0 0 0 slave 4 5 6 pubsub 1000000000 2147483648 7"},
      {"normal b mb 0", "normal 0 0 0 slave 4 5 6 pubsub 1 2 3"},
      {"normal  1 2", "normal 0 1 2 slave 4 5 6 pubsub 1 2 3"},
      {"normal 1 2 ", "normal 1 2 0 slave 4 5 6 pubsub 1 2 3"},
      {"normal 1 2 +3", "normal 1 2 3 slave 4 5 6 pubsub 1 2 3"},
      {"normal 1 2 \t3", "normal 1 2 3 slave 4 5 6 pubsub 1 2 3"},
      {"normal 9223372036854775808 18446744073709551616 0",
       "normal 9223372036854775808 18446744073709551615 0 slave 4 5 6 pubsub 1 2 3"},
      {"normal 1 18446744073709551615kb 3",
       "normal 1 18446744073709550592 3 slave 4 5 6 pubsub 1 2 3"},
      {"normal 1 2 99999999999", "normal 1 2 1215752191 slave 4 5 6 pubsub 1 2 3"},
      {"normal 1 2 -4294967295", "normal 1 2 1 slave 4 5 6 pubsub 1 2 3"},
      {std::string_view("normal\0z 1\0x 2 3\0", 17), "normal 1 2 3 slave 4 5 6 pubsub 1 2 3"},
  };
  for (const auto& each : cases) EXPECT_EQ(After(each.given), each.shown) << each.given;
}

TEST(OutputLimits, Parse_RefusesWhatRedisRefuses) {
  for (const char* text : {"normal", "normal 1 2", " normal 1 2 3", "normal 1 2 3 "}) {
    EXPECT_EQ(After(text), kWrongNumber) << text;
  }
  for (const char* text : {"foo 1 2 3", "master 1 2 3", "normal 1 2 3 foo 4 5 6", "   "}) {
    EXPECT_EQ(After(text), kWrongClass) << text;
  }
  for (const char* text : {"normal -1 2 3", "normal 1 x 3", "normal 1 2 x", "normal 1 2 -3",
                           "normal 1 2 3x", "normal 1 2 0x3", "normal 1 2 2147483648"}) {
    EXPECT_EQ(After(text), kWrongLimit) << text;
  }
}

TEST(OutputLimits, Zero_IsNoLimit) {
  const OutputLimit none;
  EXPECT_FALSE(none.OverHard(SIZE_MAX));
  EXPECT_FALSE(none.OverSoft(SIZE_MAX));
}

TEST(OutputLimits, First16KiB_DoNotCount) {
  const OutputLimit limit{.hard_bytes = 100, .soft_bytes = 1};
  EXPECT_FALSE(limit.OverSoft(16384));
  EXPECT_TRUE(limit.OverSoft(16385));
  EXPECT_FALSE(limit.OverHard(16384 + 99));
  EXPECT_TRUE(limit.OverHard(16384 + 100));
}

TEST(OutputLimits, LeastBytes_IsTheLowestOfBothLimits) {
  OutputLimits limits;
  EXPECT_EQ(limits.LeastBytes(ClientClass::kNormal), SIZE_MAX);
  limits.Set(Initial());
  EXPECT_EQ(limits.LeastBytes(ClientClass::kNormal), 16384u + 7);
  EXPECT_EQ(limits.Of(ClientClass::kPubSub).soft_bytes, 2u);
  std::string problem;
  limits.Set(*ParseClassLimits("normal 0 5 0 slave 18446744073709551615 0 0", {}, problem));
  EXPECT_EQ(limits.LeastBytes(ClientClass::kNormal), 16384u + 5);
  EXPECT_EQ(limits.LeastBytes(ClientClass::kReplica), SIZE_MAX);
}

}  // namespace
}  // namespace dcs::resp
