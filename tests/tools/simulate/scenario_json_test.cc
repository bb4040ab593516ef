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

TEST(ScenarioJsonTest, ReadsWhatStandsThereAndTheDefaults) {
  const absl::StatusOr<Scenario> scenario = ParseScenario(kSmall, {.seed = 9, .set = {}});
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->seed, 9u);
  EXPECT_EQ(scenario->duration_ms, 60'000);
  EXPECT_EQ(scenario->groups[0].keys, 100u);
  EXPECT_EQ(Mean(*scenario->groups[0].expires_in_s), 5.5);
  EXPECT_EQ(scenario->policies[0].manual_scan->pacing.keys_per_step, 10);
  EXPECT_EQ(scenario->policies[0].manual_scan->pacing.timeout_ms, 360 * 60 * 1000);
}

TEST(ScenarioJsonTest, ErrorsNameThePathWhatStoodThereAndWhatWasExpected) {
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

TEST(ScenarioJsonTest, RefusesWhatIsHostile) {
  EXPECT_THAT(ErrorOf(kSmall, {"load[0].keys=9000000000000000"}),
              AllOf(HasSubstr("load[0].keys"), HasSubstr("TiB"), HasSubstr("memory_limit_mib")));
  EXPECT_THAT(ErrorOf(kSmall, {"load[0].value_bytes=999999999999"}), HasSubstr("64 MiB"));
  EXPECT_THAT(ErrorOf(std::string(100'000, '[') + std::string(100'000, ']')), HasSubstr("nested"));
  EXPECT_THAT(ErrorOf("{"), HasSubstr("not JSON"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("an array of 0"));
  EXPECT_THAT(ErrorOf(kSmall, {"load[0].keys=1e400"}), HasSubstr("load[0].keys"));
}

TEST(ScenarioJsonTest, ShippedScenariosCanBeRun) {
  size_t read = 0;
  for (const auto& file : std::filesystem::directory_iterator(DCS_SCENARIOS)) {
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
