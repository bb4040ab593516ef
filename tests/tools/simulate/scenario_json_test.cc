#include "tools/simulate/scenario_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace dcs::simulate {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view kSmall = R"({
  "name": "small", "duration_s": 60,
  "load": [{"name": "k", "keys": 100, "expires_in_s": {"uniform": [1, 10]}}],
  "policies": [{"name": "scan", "manual_scan": {"keys_per_step": 10}}]})";

std::string ErrorOf(std::string_view text, std::vector<std::string> set = {}) {
  const absl::StatusOr<Scenario> scenario =
      ParseScenario(text, {.seed = {}, .set = std::move(set)});
  return scenario.ok() ? "" : std::string(scenario.status().message());
}

TEST(ScenarioJsonTest, ReadsValuesAndDefaults) {
  const absl::StatusOr<Scenario> scenario = ParseScenario(kSmall, {.seed = 9, .set = {}});
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->seed, 9u);
  EXPECT_EQ(scenario->duration_ms, 60'000);
  EXPECT_EQ(scenario->groups[0].keys, 100u);
  EXPECT_EQ(Mean(*scenario->groups[0].expires_in_s), 5.5);
  EXPECT_EQ(scenario->policies[0].manual_scan->pacing.keys_per_step, 10);
  EXPECT_EQ(scenario->policies[0].manual_scan->pacing.timeout_ms, 360 * 60 * 1000);
}

TEST(ScenarioJsonTest, ErrorsNamePathFoundAndExpectedValue) {
  EXPECT_THAT(ErrorOf(kSmall, {"load[0].keys=many"}),
              AllOf(HasSubstr("load[0].keys"), HasSubstr("\"many\""), HasSubstr("integer from 0")));
  EXPECT_THAT(ErrorOf(kSmall, {"load[0].kees=5"}),
              AllOf(HasSubstr("load[0].kees"), HasSubstr("(5)"), HasSubstr("key_bytes")));
  EXPECT_THAT(ErrorOf(kSmall, {"duration_s=-1"}),
              AllOf(HasSubstr("duration_s"), HasSubstr("-1"), HasSubstr("from 0.001")));
  EXPECT_THAT(ErrorOf(kSmall, {"policies.scan.manual_scan.keys_per_step=0"}),
              AllOf(HasSubstr("policies[0].manual_scan.keys_per_step"), HasSubstr("0")));
  EXPECT_THAT(ErrorOf(kSmall, {R"(load[0].value_bytes={"zipf": 1})"}),
              AllOf(HasSubstr("load[0].value_bytes.zipf"), HasSubstr("uniform")));
  EXPECT_THAT(ErrorOf(R"({"name": "x", "duration_s": 1, "load": [{"name": "k", "keys": 1}]})"),
              AllOf(HasSubstr("policies"), HasSubstr("nothing there")));
}

TEST(ScenarioJsonTest, RefusesHostileInput) {
  EXPECT_THAT(ErrorOf(kSmall, {"load[0].keys=9000000000000000"}),
              AllOf(HasSubstr("load[0].keys"), HasSubstr("TiB"), HasSubstr("memory_limit_mib")));
  EXPECT_THAT(ErrorOf(kSmall, {"load[0].value_bytes=999999999999"}), HasSubstr("64 MiB"));
  EXPECT_THAT(ErrorOf(std::string(100'000, '[') + std::string(100'000, ']')), HasSubstr("nested"));
  EXPECT_THAT(ErrorOf("{"), HasSubstr("not JSON"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("an array of 0"));
  EXPECT_THAT(ErrorOf(kSmall, {"load[0].keys=1e400"}), HasSubstr("load[0].keys"));
}

TEST(ScenarioJsonTest, RefusesTextThatIsNotUtf8) {
  for (const std::string_view place : {"\"small\"", "\"k\"", "\"scan\"", "\"load\""}) {
    std::string text(kSmall);
    text.insert(text.find(place) + 2, "\xff");
    EXPECT_THAT(ErrorOf(text), HasSubstr("not JSON in UTF-8")) << place;
  }
  EXPECT_THAT(ErrorOf(kSmall, {"title=\xff"}), AllOf(HasSubstr("title"), HasSubstr("UTF-8")));
  EXPECT_THAT(ErrorOf(kSmall, {"policies.scan.label=a\x80"}), HasSubstr("UTF-8"));
  EXPECT_EQ(ErrorOf(kSmall, {"title=\u00e9\u4e2d\U0001f600"}), "");
}

TEST(ScenarioJsonTest, RefusesControlCharactersInLines) {
  EXPECT_THAT(ErrorOf(kSmall, {"title=\x1b[2J"}), AllOf(HasSubstr("title"), HasSubstr("\\x1b[2J")));
  EXPECT_THAT(ErrorOf(kSmall, {"title=two\nlines"}), HasSubstr("one line"));
  EXPECT_THAT(ErrorOf(kSmall, {"policies.scan.label=\"a\\u202eb\""}),
              AllOf(HasSubstr("policies[0].label"), HasSubstr("one line")));
}

TEST(ScenarioJsonTest, RefusesSeedsOver64Bits) {
  for (const char* seed : {"18446744073709551616", "99999999999999999999999", "-1", "1.5", "1e30",
                           "-99999999999999999999", "1.0", "\"7\"", "null"}) {
    EXPECT_THAT(ErrorOf(kSmall, {std::string("seed=") + seed}), HasSubstr("seed: ")) << seed;
  }
  const absl::StatusOr<Scenario> largest =
      ParseScenario(kSmall, {.seed = {}, .set = {"seed=18446744073709551615"}});
  ASSERT_TRUE(largest.ok()) << largest.status();
  EXPECT_EQ(largest->seed, 18446744073709551615u);
}

TEST(ScenarioJsonTest, RefusesInvalidNumbers) {
  for (const char* number : {"1e400", "-1e400", "NaN", "Infinity", "nan", "0x10", "1_000", "+1"}) {
    const std::string text =
        R"({"name": "x", "duration_s": )" + std::string(number) +
        R"(, "load": [{"name": "k", "keys": 1}], "policies": [{"name": "a"}]})";
    EXPECT_NE(ErrorOf(text), "") << number;
    EXPECT_THAT(ErrorOf(kSmall, {std::string("duration_s=") + number}), HasSubstr("duration_s: "))
        << number;
  }
  EXPECT_THAT(ErrorOf(R"({"name": "x", "duration_s": 1e400})"), HasSubstr("a number is too large"));
}

// The load of kSmall with another group and a limit of 1 MiB.
std::string MemoryErrorOf(const std::string& group) {
  return ErrorOf(kSmall, {"load=[{\"name\": \"k\", " + group + "}]", "memory_limit_mib=1"});
}

TEST(ScenarioJsonTest, RefusesLoadsOverTheMemoryLimit) {
  // By the mean before the cut, 2,000 keys would have 10 bytes each; they hold 817 MB.
  EXPECT_THAT(MemoryErrorOf(R"("keys": 2000, "value_bytes":
                               {"normal": {"mean": 10, "deviation": 1e6, "max": 6e7}})"),
              AllOf(HasSubstr("load[0].value_bytes: a key may hold 57.2 MiB"),
                    HasSubstr("expected no more than memory_limit_mib, 1.0 MiB")));
  EXPECT_THAT(
      MemoryErrorOf(R"("keys": 2000, "value_bytes":
                               {"normal": {"mean": 10, "deviation": 1e6, "max": 100000}})"),
      AllOf(HasSubstr("load[0].keys: 2000 keys of up to 97.7 KiB may hold"), HasSubstr("MiB")));
  EXPECT_THAT(MemoryErrorOf(R"("keys": 100, "value_bytes":
                               {"lognormal": {"median": 1, "sigma": 9, "max": 1e5}})"),
              HasSubstr("load[0].keys"));
  EXPECT_THAT(MemoryErrorOf(R"("keys": 100, "value_bytes":
                               {"exponential": {"mean": 10, "min": 20000, "max": 1e5}})"),
              HasSubstr("load[0].keys"));
  // The bound is the draw of one key, not the mean of many.
  EXPECT_THAT(MemoryErrorOf(R"("keys": 1, "type": "hash", "value_bytes": 10, "fields":
                               {"choice": [{"value": 1, "weight": 1e9}, {"value": 1e7, "weight": 1}]})"),
              AllOf(HasSubstr("load[0].fields"), HasSubstr("10000000 fields")));
  EXPECT_THAT(MemoryErrorOf(R"("keys": 10, "type": "hash", "value_bytes": 1000, "fields":
                               {"normal": {"mean": 1, "deviation": 1000, "max": 900}})"),
              HasSubstr("load[0]."));
  EXPECT_EQ(MemoryErrorOf(R"("keys": 1000, "value_bytes": 100)"), "");
}

TEST(ScenarioJsonTest, RefusesMoreSamplesThanTheMemoryLimit) {
  EXPECT_THAT(ErrorOf(kSmall, {"memory_limit_mib=4", "samples={\"count\": 10000}"}),
              AllOf(HasSubstr("samples: "), HasSubstr("memory_limit_mib")));
  // Samples added by fast sweeps count.
  const auto with = [](const std::string& policy) {
    return ErrorOf(kSmall, {"memory_limit_mib=4", "samples={\"count\": 6000}", "duration_s=86400",
                            "policies=[{\"name\": \"p\"" + policy + "}]"});
  };
  EXPECT_EQ(with(""), "");
  EXPECT_THAT(with(R"(, "fast_sweep": {"every_s": 1})"), HasSubstr("samples"));
}

constexpr std::string_view kTraffic = R"({
  "name": "t", "duration_s": 7200, "starts_at_hour": 23,
  "load": [{"name": "k", "keys": 100, "expires_in_s": 5}, {"name": "none", "keys": 0}],
  "traffic": [{"name": "readers", "keys_of": "k", "commands_per_second": 10, "zipf_exponent": 0.9,
               "read_share": 0.5, "fill_after_s": 1.5, "read_extends_deadline": true,
               "bursts": {"every_s": 60, "lasting_s": 5, "times": 3}}],
  "goal": {"stale_mib_at_most": 1, "cpu_share_at_most": 0.5, "delay_p99_ms_at_most": 2},
  "policies": [{"name": "scan", "manual_scan": {}}]})";

TEST(ScenarioJsonTest, ReadsTrafficAndGoal) {
  const absl::StatusOr<Scenario> scenario = ParseScenario(kTraffic, {});
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  const TrafficStream& stream = scenario->traffic[0];
  EXPECT_EQ(stream.group, 0u);
  EXPECT_EQ(stream.rate.midnight_ms, -23 * 3'600'000);
  EXPECT_EQ(stream.rate.bursts->every_ms, 60'000);
  EXPECT_EQ(stream.fill_after_ms, 1500);
  EXPECT_EQ(stream.zipf_exponent, 0.9);
  EXPECT_TRUE(stream.read_extends_deadline);
  EXPECT_FALSE(stream.writes_new_keys);
  EXPECT_EQ(scenario->goal->stale_bytes_at_most, 1 << 20);
  EXPECT_EQ(scenario->goal->delay_p99_us_at_most, 2000);
}

TEST(ScenarioJsonTest, RefusesInvalidTraffic) {
  EXPECT_THAT(
      ErrorOf(kTraffic, {"traffic.readers.keys_of=nobody"}),
      AllOf(HasSubstr("traffic[0].keys_of"), HasSubstr("\"nobody\""), HasSubstr("k, none")));
  EXPECT_THAT(ErrorOf(kTraffic, {"traffic.readers.keys_of=none"}),
              AllOf(HasSubstr("traffic[0].keys_of"), HasSubstr("no keys")));
  EXPECT_THAT(ErrorOf(kTraffic, {"traffic.readers.commands_per_second=1000000"}),
              AllOf(HasSubstr("traffic[0].commands_per_second"), HasSubstr("commands in all")));
  EXPECT_THAT(ErrorOf(kTraffic, {"traffic.readers.writes=new", "load.k.value_bytes=1000000"}),
              AllOf(HasSubstr("traffic[0].commands_per_second"), HasSubstr("GiB")));
  // Reads that miss wait for their value; each takes some bytes.
  EXPECT_THAT(ErrorOf(kTraffic, {"traffic.readers.commands_per_second=10000",
                                 "traffic.readers.bursts.times=1", "memory_limit_mib=64",
                                 "traffic.readers.fill_after_s=3600"}),
              HasSubstr("traffic[0].commands_per_second"));
  EXPECT_THAT(ErrorOf(kTraffic, {"traffic.readers.zipf_exponent=0"}),
              AllOf(HasSubstr("traffic[0].zipf_exponent"), HasSubstr("above 0")));
  EXPECT_THAT(ErrorOf(kTraffic, {"traffic.readers.hourly=[1,2]"}),
              HasSubstr("traffic[0].hourly: an array of 2"));
  EXPECT_THAT(ErrorOf(kTraffic, {"traffic.readers.bursts.every_s=0"}),
              HasSubstr("traffic[0].bursts.every_s"));
  EXPECT_THAT(ErrorOf(kTraffic, {"goal={}"}), HasSubstr("goal"));
}

TEST(ScenarioJsonTest, RefusesReversedBoundsAndDuplicateNames) {
  EXPECT_THAT(ErrorOf(kSmall, {R"(load[0].value_bytes={"uniform": [9, 3]})"}),
              AllOf(HasSubstr("load[0].value_bytes.uniform"), HasSubstr("[9,3]")));
  EXPECT_THAT(
      ErrorOf(kSmall, {R"(load[0].expires_in_s={"exponential": {"mean": 5, "min": 9, "max": 7}})"}),
      AllOf(HasSubstr("load[0].expires_in_s.exponential.min"), HasSubstr("at most max, 7")));
  EXPECT_THAT(ErrorOf(kSmall, {R"(policies=[{"name": "a"}, {"name": "a"}])"}),
              AllOf(HasSubstr("policies[1].name"), HasSubstr("again")));
}

TEST(ScenarioJsonTest, RefusesTooManyEvents) {
  EXPECT_THAT(ErrorOf(kSmall, {"duration_s=2678400",
                               R"(policies=[{"name": "c", "client_scan": {"pause_ms": 1}}])"}),
              AllOf(HasSubstr("policies[0]"), HasSubstr("at most 1000000000")));
}

TEST(ScenarioJsonTest, ShippedScenariosCanBeRun) {
  size_t read = 0;
  for (const auto& file : std::filesystem::directory_iterator(DCS_SCENARIOS)) {
    if (file.path().extension() != ".json") continue;
    if (file.path().filename() == "scenario.schema.json") continue;
    std::stringstream text;
    text << std::ifstream(file.path()).rdbuf();
    EXPECT_EQ(ErrorOf(text.str()), "") << file.path();
    ++read;
  }
  EXPECT_GT(read, 0u);
}

}  // namespace
}  // namespace dcs::simulate
