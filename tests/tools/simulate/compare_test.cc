#include "tools/simulate/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tools/simulate/report_json.h"
#include "tools/simulate/scenario_json.h"
#include "tools/simulate/simulation.h"

namespace dcs::simulate {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kScenario = R"({
  "name": "small", "duration_s": 30, "reclamation_starts_s": 15, "samples": {"count": 20},
  "load": [{"name": "k", "keys": 2000, "expires_in_s": {"uniform": [1, 10]}}],
  "policies": [{"name": "access"}, {"name": "scan", "manual_scan": {}}]})";

json Play(std::vector<std::string> set = {}) {
  const absl::StatusOr<Scenario> scenario =
      ParseScenario(kScenario, {.seed = {}, .set = std::move(set)});
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  absl::StatusOr<json> parsed = ParseReport(ToJson(*Simulate(*scenario, {})).dump());
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return *std::move(parsed);
}

const ComparedFigure& Figure(const ComparedPolicy& policy, std::string_view name) {
  for (const ComparedFigure& figure : policy.figures) {
    if (figure.name == name) return figure;
  }
  ADD_FAILURE() << name;
  return policy.figures.front();
}

TEST(CompareTest, ReportEqualsItself) {
  const json report = Play();
  const Comparison same = Compare(report, "x.json", report, "x.json");
  EXPECT_THAT(same.notes, IsEmpty());
  ASSERT_EQ(same.policies.size(), 2u);
  for (const ComparedPolicy& policy : same.policies) {
    EXPECT_GT(policy.figures.size(), 10u);
    for (const ComparedFigure& figure : policy.figures) {
      EXPECT_EQ(figure.change, "same") << figure.name;
    }
  }
  EXPECT_THAT(ToText(same), HasSubstr("A  x.json: small, seed 1, 30 virtual seconds"));
  EXPECT_THAT(ToText(same), Not(HasSubstr("differ")));
}

TEST(CompareTest, NamesDifferencesOfSettings) {
  const Comparison comparison = Compare(
      Play(), "a", Play({"seed=2", "load.k.keys=3000", "cost_model={\"step_us\": 500}"}), "b");
  EXPECT_THAT(
      comparison.notes,
      ElementsAre("seed: 1 and 2", "settings.cost_model.step_us: 390.0 and 500.0",
                  HasSubstr("load[0].key_bytes: "), "load[0].keys: 2000 and 3000",
                  HasSubstr("load[0].keys_with_deadline: "), HasSubstr("load[0].value_bytes: ")));
}

TEST(CompareTest, MatchesPoliciesByName) {
  const Comparison comparison = Compare(
      Play(), "a",
      Play(
          {R"(policies=[{"name": "scan", "manual_scan": {"keys_per_step": 20}}, {"name": "new"}])"}),
      "b");
  ASSERT_EQ(comparison.policies.size(), 1u);
  EXPECT_EQ(comparison.policies[0].name, "scan");
  EXPECT_EQ(Figure(comparison.policies[0], "keys released").change, "same");
  EXPECT_THAT(Figure(comparison.policies[0], "100 % released after").change, HasSubstr("%"));
  EXPECT_THAT(comparison.only_in_a, ElementsAre("access"));
  EXPECT_THAT(comparison.only_in_b, ElementsAre("new"));
  EXPECT_THAT(ToText(comparison), AllOf(HasSubstr("Policies only in A: access\n"),
                                        HasSubstr("Policies only in B: new\n")));
}

json Handmade(const std::string& policy) {
  return *ParseReport(R"({"scenario": "s", "policies": [)" + policy + "]}");
}

TEST(CompareTest, MissingFigure_IsADash) {
  const json old =
      Handmade(R"({"name": "p", "completed": true, "stale_bytes": {"mean": 1048576}})");
  const json now = Handmade(
      R"({"name": "p", "state": "completed", "stale_bytes": {"mean": 1572864, "peak": 2048},
          "cpu_share": {"mean": 0.02}, "goal": {"met": true}, "expired": "many"})");
  const Comparison comparison = Compare(old, "a", now, "b");
  const ComparedPolicy& policy = comparison.policies[0];
  EXPECT_EQ(Figure(policy, "stale memory, mean").change, "+50.0 %");
  EXPECT_EQ(Figure(policy, "stale memory, peak").a, "-");
  EXPECT_EQ(Figure(policy, "stale memory, peak").b, "2.0 KiB");
  EXPECT_EQ(Figure(policy, "stale memory, peak").change, "-");
  EXPECT_EQ(Figure(policy, "CPU, mean").b, "2 %");
  EXPECT_EQ(Figure(policy, "goal").b, "met");
  EXPECT_THAT(ToText(comparison), Not(HasSubstr("keys expired")));
  EXPECT_THAT(ToCsv(comparison), AllOf(HasSubstr("stale memory, mean\",bytes,1048580,1572860\r\n"),
                                       HasSubstr("stale memory, peak\",bytes,,2048\r\n"),
                                       HasSubstr("goal,,,met\r\n")));
}

TEST(CompareTest, NamesPolicyThatDidNotRun) {
  const json ran = Handmade(R"({"name": "p", "completed": true, "stale_bytes": {"mean": 0}})");
  for (const char* never : {R"({"name": "p", "state": "not run", "completed": false})",
                            R"({"name": "p", "completed": false})"}) {
    const Comparison comparison = Compare(ran, "a", Handmade(never), "b");
    EXPECT_THAT(ToText(comparison), HasSubstr("A: completed, B: not run"));
    EXPECT_EQ(Figure(comparison.policies[0], "stale memory, mean").b, "-");
  }
}

TEST(CompareTest, ChangeFromZeroIsADifference) {
  const auto report = [](const char* share, const char* bytes) {
    return Handmade(std::string(R"({"name": "p", "completed": true, "cpu_share": {"peak": )") +
                    share + R"(}, "stale_bytes": {"mean": )" + bytes + "}}");
  };
  const Comparison comparison = Compare(report("0.1", "0"), "a", report("0.05", "1024"), "b");
  EXPECT_EQ(Figure(comparison.policies[0], "CPU, peak").change, "-5 points");
  EXPECT_EQ(Figure(comparison.policies[0], "stale memory, mean").change, "+1.0 KiB");
}

TEST(CompareTest, RefusesInvalidReport) {
  for (const auto& [text, why] : {
           std::pair{"", "not JSON"},
           std::pair{"{", "not JSON"},
           std::pair{"[]", "not a JSON object"},
           std::pair{"{}", "names no scenario"},
           std::pair{R"({"scenario": 5, "policies": []})", "names no scenario"},
           std::pair{R"({"scenario": "s"})", "no policies"},
           std::pair{R"({"scenario": "s", "policies": {}})", "no policies"},
           std::pair{R"({"scenario": "s", "policies": [5]})", "no name"},
           std::pair{"{\"scenario\": \"\xff\", \"policies\": []}", "not JSON"},
       }) {
    const absl::StatusOr<json> report = ParseReport(text);
    ASSERT_FALSE(report.ok()) << text;
    EXPECT_THAT(std::string(report.status().message()),
                AllOf(HasSubstr("not a report of dcs-sim simulate"), HasSubstr(why)));
  }
  EXPECT_FALSE(ParseReport(std::string(100'000, '[') + std::string(100'000, ']')).ok());
}

TEST(CompareTest, EscapesHostileTexts) {
  const json hostile = Handmade(
      R"({"name": "p\u001b[2J", "label": "a|b<script>\n", "completed": true, "expired": 1})");
  const Comparison comparison = Compare(hostile, "a\nb", hostile, "b");
  EXPECT_THAT(ToText(comparison), Not(HasSubstr("\x1b")));
  EXPECT_THAT(ToText(comparison), HasSubstr("a\\x0ab"));
  EXPECT_THAT(ToMarkdown(comparison), Not(HasSubstr("<script>")));
}

}  // namespace
}  // namespace dcs::simulate
