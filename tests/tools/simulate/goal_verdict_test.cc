#include "tools/simulate/goal_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/tools/simulate/sample_report.h"
#include "tools/simulate/report_json.h"

namespace dcs::simulate {
namespace {

using sample::Completed;
using sample::Ideal;
using sample::NotRun;
using sample::ReportOf;
using sample::Stopped;
using sample::Traffic;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

PolicyReport Policy(std::string label, double stale_peak, double reclamation, double peak_cpu) {
  PolicyReport policy = Completed(std::move(label));
  policy.stale_bytes = {.mean = stale_peak / 3, .p99 = stale_peak, .peak = stale_peak, .end = 0};
  policy.cpu_share = {.mean = 0.1, .reclamation = reclamation, .peak = peak_cpu};
  return policy;
}

Report Judged(Goal goal, std::vector<PolicyReport> policies) {
  Report report = ReportOf(Measure::kGoal, std::move(policies));
  report.goal = goal;
  JudgeGoal(report);
  return report;
}

constexpr Goal kGoal{.stale_bytes_at_most = 1 << 20, .cpu_share_at_most = 0.2};

TEST(GoalVerdictTest, RanksAllWithinTheGoalByCost) {
  const Report report =
      Judged(kGoal, {Policy("lazy", 9 << 20, 0, 0.05), Policy("dear", 1000, 0.1, 0.1),
                     Policy("cheap", 512 << 10, 0.01, 0.15), Policy("hot", 1000, 0.001, 0.5),
                     Policy("middle", 3000, 0.02, 0.15), Ideal()});
  EXPECT_FALSE(report.policies[0].goal->met);
  EXPECT_EQ(report.policies[0].goal->why, "stale memory 9.0 MiB");
  EXPECT_TRUE(report.policies[1].goal->met);
  EXPECT_EQ(report.policies[3].goal->why, "CPU 50.0 %");
  EXPECT_THAT(Advice(report),
              ElementsAre("Take cheap: the cheapest of the 3 policies within the goal (at most 1.0 "
                          "MiB stale, at most "
                          "20.0 % of the CPU at any time). It costs 1.0 % of the CPU for "
                          "reclamation, 170.7 KiB stale "
                          "on average; stale memory peaks at 512.0 KiB (50.0 % under the limit), "
                          "the node is at most "
                          "15.0 % busy (25.0 % under the limit).",
                          "Next in cost: middle (reclamation 2.0 %; at most stale memory 2.9 KiB, "
                          "CPU 15.0 %); dear "
                          "(reclamation 10.0 %; at most stale memory 1000 B, CPU 10.0 %).",
                          "Outside the goal: hot (CPU 50.0 %); lazy (stale memory 9.0 MiB)."));
}

TEST(GoalVerdictTest, SameCpu_LessStaleMemoryComesFirst) {
  const Report report =
      Judged(kGoal, {Policy("more", 2000, 0.01, 0.1), Policy("less", 1000, 0.01, 0.1)});
  EXPECT_THAT(Advice(report).front(), StartsWith("Take less: the cheapest of the 2"));
}

TEST(GoalVerdictTest, Tie_StatesThatNoneCostsLess) {
  const Report report =
      Judged(kGoal, {Policy("one", 1000, 0.01, 0.1), Policy("two", 1000, 0.01, 0.1)});
  EXPECT_THAT(Advice(report).front(), StartsWith("Take one: no other of the 2 policies"));
}

TEST(GoalVerdictTest, ManyWithin_NamesThreeRunnersUp) {
  std::vector<PolicyReport> policies;
  for (int i = 0; i < 6; ++i) {
    policies.push_back(Policy("p" + std::to_string(i), 1000, 0.001 * (i + 1), 0.1));
  }
  EXPECT_THAT(Advice(Judged(kGoal, policies))[1], AllOf(HasSubstr("p3"), Not(HasSubstr("p4")),
                                                        HasSubstr("and 2 more within the goal")));
}

TEST(GoalVerdictTest, NoneWithin_NamesTheNearest) {
  const Report report =
      Judged(Goal{.stale_bytes_at_most = 1000},
             {Policy("far", 9000, 0, 0.1), Policy("near", 1100, 0.1, 0.1), Ideal()});
  EXPECT_THAT(
      Advice(report),
      ElementsAre(AllOf(StartsWith("No policy keeps within the goal"), HasSubstr("Nearest is near"),
                        HasSubstr("10.0 % over the limit"), Not(HasSubstr("ideal"))),
                  HasSubstr("Outside the goal: far")));
}

TEST(GoalVerdictTest, LimitOfZero_IsJudged) {
  const Report report = Judged(Goal{.stale_bytes_at_most = 0},
                               {Policy("none", 0, 0.1, 0.1), Policy("some", 1, 0, 0)});
  EXPECT_TRUE(report.policies[0].goal->met);
  EXPECT_FALSE(report.policies[1].goal->met);
  EXPECT_THAT(Advice(report).front(), AllOf(HasSubstr("at the limit"), Not(HasSubstr("nan"))));
}

// A stopped policy has no verdict, although its figures so far are within the goal.
TEST(GoalVerdictTest, UnfinishedPolicies_AreNotJudged) {
  const Report report =
      Judged(kGoal, {Stopped("stopped"), NotRun("waiting"), Policy("whole", 1000, 0.1, 0.1)});
  EXPECT_FALSE(report.policies[0].goal);
  EXPECT_FALSE(report.policies[1].goal);
  EXPECT_THAT(Advice(report),
              ElementsAre(StartsWith("Take whole: the only policy within the goal")));
  EXPECT_FALSE(ToJson(report)["policies"][0].contains("goal"));
}

TEST(GoalVerdictTest, DelayGoal_IsJudgedByTraffic) {
  PolicyReport quick = Completed("quick"), slow = Completed("slow");
  quick.traffic = Traffic(900, 2000);
  slow.traffic = Traffic(1100, 2000);
  const Report report = Judged(Goal{.delay_p99_us_at_most = 1000}, {quick, slow});
  EXPECT_TRUE(report.policies[0].goal->met);
  EXPECT_EQ(report.policies[1].goal->why, "p99 delay 1.1 ms");
}

TEST(GoalVerdictTest, DelayGoalWithoutTraffic_IsNeitherMetNorMissed) {
  PolicyReport silent = Completed("silent");
  silent.traffic = TrafficReport{};
  const Report report = Judged(Goal{.delay_p99_us_at_most = 1000}, {Completed("none"), silent});
  EXPECT_FALSE(report.policies[0].goal);
  EXPECT_FALSE(report.policies[1].goal);
  EXPECT_THAT(Advice(report), ElementsAre(HasSubstr("Clients sent no command")));
}

TEST(GoalVerdictTest, DelayAmongOtherLimits_WithoutTraffic_IsNoted) {
  const Report report = Judged(Goal{.stale_bytes_at_most = 5000, .delay_p99_us_at_most = 1000},
                               {Policy("met", 1000, 0, 0), Policy("missed", 9000, 0, 0)});
  EXPECT_TRUE(report.policies[0].goal->met);
  EXPECT_EQ(report.policies[0].goal->why, "no traffic: delay not judged");
  EXPECT_EQ(report.policies[1].goal->why, "stale memory 8.8 KiB; no traffic: delay not judged");
}

}  // namespace
}  // namespace dcs::simulate
