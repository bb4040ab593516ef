#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "tools/simulate/scenario_json.h"

namespace dcs::simulate {
namespace {

using ::testing::HasSubstr;

constexpr const char* kPlain =
    R"({"name": "plain", "duration_s": 1, "load": [{"name": "keys", "keys": 1}],
                                   "policies": [{"name": "one"}]})";

Scenario Parsed(std::vector<std::string> set) {
  absl::StatusOr<Scenario> scenario = ParseScenario(kPlain, {.seed = {}, .set = std::move(set)});
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  return scenario.ok() ? *std::move(scenario) : Scenario();
}

TEST(ScenarioQuestionTest, ReadsQuestionAndMeasure) {
  const Scenario scenario = Parsed({"question=How late?", "answered_by=delay"});
  EXPECT_EQ(scenario.question, "How late?");
  EXPECT_EQ(scenario.measure, Measure::kDelay);
}

TEST(ScenarioQuestionTest, MeasureDefaultsToGoalThenPublishedThenStaleMemory) {
  EXPECT_EQ(Parsed({}).measure, Measure::kStaleMemory);
  EXPECT_EQ(Parsed({}).question, "");
  const std::string published = R"(policies=[{"name": "one", "published": {"seconds": 1}}])";
  EXPECT_EQ(Parsed({published}).measure, Measure::kPublished);
  EXPECT_EQ(Parsed({published, R"(goal={"stale_mib_at_most": 1})"}).measure, Measure::kGoal);
}

TEST(ScenarioQuestionTest, EveryMeasureHasAName) {
  for (int i = 0; i <= static_cast<int>(Measure::kPublished); ++i) {
    const auto measure = static_cast<Measure>(i);
    EXPECT_EQ(Parsed({"answered_by=" + std::string(NameOf(measure))}).measure, measure);
  }
  EXPECT_FALSE(MeasureNamed("luck"));
}

TEST(ScenarioQuestionTest, RefusesAnUnknownMeasureAndALongQuestion) {
  const absl::StatusOr<Scenario> unknown =
      ParseScenario(kPlain, {.seed = {}, .set = {"answered_by=luck"}});
  EXPECT_THAT(std::string(unknown.status().message()), HasSubstr("answered_by"));
  const absl::StatusOr<Scenario> longer =
      ParseScenario(kPlain, {.seed = {}, .set = {"question=" + std::string(301, 'x')}});
  EXPECT_THAT(std::string(longer.status().message()), HasSubstr("question"));
}

TEST(ScenarioQuestionTest, EveryShippedScenarioHasItsQuestionAndMeasure) {
  std::map<std::string, Measure> measures;
  for (const auto& file : std::filesystem::directory_iterator(DCS_SCENARIOS)) {
    if (file.path().extension() != ".json") continue;
    if (file.path().filename() == "scenario.schema.json") continue;
    std::stringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const absl::StatusOr<Scenario> scenario = ParseScenario(text.str(), {});
    ASSERT_TRUE(scenario.ok()) << scenario.status();
    EXPECT_TRUE(scenario->question.ends_with("?")) << scenario->name;
    measures[scenario->name] = scenario->measure;
  }
  const std::map<std::string, Measure> expected = {
      {"big-hashes", Measure::kReleaseTime},       {"client-scan", Measure::kClientScan},
      {"how-far-behind", Measure::kDelay},         {"midnight-stampede", Measure::kClients},
      {"reference-test", Measure::kPublished},     {"right-interval", Measure::kGoal},
      {"same-ttl", Measure::kReleaseTime},         {"session-store", Measure::kStaleMemory},
      {"short-lived-flood", Measure::kStaleMemory}};
  EXPECT_EQ(measures, expected);
}

}  // namespace
}  // namespace dcs::simulate
