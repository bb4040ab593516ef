#include "tools/simulate/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/simulate/sample_report.h"
#include "tools/simulate/goal_verdict.h"

namespace dcs::simulate {
namespace {

using sample::Completed;
using sample::Ideal;
using sample::NotRun;
using sample::ReportOf;
using sample::Stopped;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Measure kAll[] = {Measure::kStaleMemory, Measure::kReleaseTime, Measure::kDelay,
                            Measure::kClientScan,  Measure::kClients,     Measure::kGoal,
                            Measure::kPublished};

std::string First(Measure measure, std::vector<PolicyReport> policies) {
  Report report = ReportOf(measure, std::move(policies));
  if (measure == Measure::kGoal) {
    report.goal = Goal{.stale_bytes_at_most = 1 << 20};
    JudgeGoal(report);
  }
  return Answer(report).front();
}

PolicyReport Stale(std::string label, double mean, double peak, double reclamation) {
  PolicyReport policy = Completed(std::move(label));
  policy.stale_bytes = {.mean = mean, .p99 = peak, .peak = peak, .end = 0};
  policy.cpu_share.reclamation = reclamation;
  return policy;
}

TEST(AnswersTest, StaleMemory_NamesLeastAndMost) {
  EXPECT_EQ(
      First(Measure::kStaleMemory, {Stale("lazy", 9 << 20, 12 << 20, 0),
                                    Stale("eager", 1 << 20, 2 << 20, 0.00034), Ideal()}),
      "Expired keys hold 1.0 MiB on average with eager (peak 2.0 MiB; reclamation takes 0.034 % "
      "of the CPU), the least, and 9.0 MiB with lazy (peak 12.0 MiB), the most.");
}

TEST(AnswersTest, StaleMemory_Ties_NameAll) {
  EXPECT_EQ(
      First(Measure::kStaleMemory, {Stale("one", 1024, 2048, 0), Stale("two", 1024, 2048, 0)}),
      "Expired keys hold 1.0 KiB on average with all 2 policies.");
  EXPECT_THAT(
      First(Measure::kStaleMemory, {Stale("one", 1024, 2048, 0), Stale("two", 1024, 2048, 0),
                                    Stale("three", 4096, 9000, 0)}),
      HasSubstr("1.0 KiB on average with one and two, the least, and 4.0 KiB with three"));
}

PolicyReport Released(std::string label, std::optional<double> seconds, double work_seconds) {
  PolicyReport policy = Completed(std::move(label));
  policy.release_seconds.p100 = seconds;
  policy.work_seconds[Cause::kCommand] = 100;  // work of the clients
  policy.work_seconds[Cause::kScan] = work_seconds;
  if (!seconds) policy.released_keys[Cause::kScan] = 900;
  return policy;
}

TEST(AnswersTest, ReleaseTime_NamesSoonestLatestAndUnfinishedWithCost) {
  EXPECT_EQ(
      First(Measure::kReleaseTime, {Released("slow", 750, 2), Released("sweep", 0.4, 0.35),
                                    Released("never", std::nullopt, 0), Ideal()}),
      "All that had expired was released 400 ms after reclamation started with sweep (350 ms of "
      "CPU time), the soonest, and after 12.5 min with slow (2 s of CPU time), the latest that "
      "finished; never within 60 min with never.");
}

TEST(AnswersTest, ReleaseTime_Zero_IsAtOnce) {
  EXPECT_EQ(First(Measure::kReleaseTime, {Released("sweep", 0, 0.35)}),
            "All that had expired was released at once with sweep (350 ms of CPU time).");
}

TEST(AnswersTest, ReleaseTime_NoneDone_NamesTheNearest) {
  EXPECT_EQ(
      First(Measure::kReleaseTime, {Released("nearest", std::nullopt, 0), Ideal()}),
      "No policy released all that had expired within 60 min; nearest was nearest with 25.0 % of "
      "the keys.");
}

TEST(AnswersTest, Delay_NamesShortestAndLongest) {
  PolicyReport quick = Stale("quick", 1, 1, 0.05), slow = Stale("slow", 1, 1, 0.0002);
  quick.mean_delay_seconds = 9.5;
  slow.mean_delay_seconds = 360;
  EXPECT_EQ(
      First(Measure::kDelay, {slow, quick, Ideal()}),
      "An expired key is held on average 9.5 s after its deadline with quick (reclamation takes "
      "5.0 % of the CPU), the shortest, and 6 min with slow (0.02 %), the longest.");
}

TEST(AnswersTest, ClientScan_ReportsReleasedKeys) {
  PolicyReport alone = Completed("SCAN alone"), both = Completed("both");
  alone.released_keys[Cause::kClientScan] = 3600;
  alone.work_seconds[Cause::kClientScan] = 12;
  both.released_keys[Cause::kClientScan] = 900;
  both.work_seconds[Cause::kClientScan] = 10;
  EXPECT_EQ(
      First(Measure::kClientScan, {Completed("natural"), alone, both}),
      "Clients' SCANs released 3,600 of 3,600 expired keys (100.0 %) with SCAN alone, for 12 s of "
      "CPU time; 900 of 3,600 expired keys (25.0 %) with both, for 10 s of CPU time.");
  EXPECT_EQ(First(Measure::kClientScan, {Completed("natural")}),
            "No client ran SCAN under any policy.");
}

TEST(AnswersTest, Clients_ReportsMissesAndDelay) {
  PolicyReport calm = Completed("calm"), busy = Completed("busy");
  calm.traffic = sample::Traffic(900, 2000);
  busy.traffic = sample::Traffic(900, 25'000);
  calm.timeline.misses_per_second = {0, 812};
  busy.timeline.misses_per_second = {0, 812};
  EXPECT_EQ(
      First(Measure::kClients, {busy, calm}),
      "10.0 % of the reads miss, up to 812 a second, whatever the policy; 99.9 % of the commands "
      "are answered within 2 ms with calm, the shortest, and within 25 ms with busy, the longest.");
}

TEST(AnswersTest, Clients_WithoutTraffic_IsStated) {
  PolicyReport silent = Completed("silent");
  silent.traffic = TrafficReport{};
  EXPECT_EQ(First(Measure::kClients, {silent, Completed("none")}),
            "Clients sent no command, so there are no misses and no delays.");
}

TEST(AnswersTest, Goal_Recommends) {
  EXPECT_THAT(First(Measure::kGoal, {Completed("one"), Ideal()}), HasSubstr("Take one"));
}

TEST(AnswersTest, Goal_Absent_IsStated) {
  EXPECT_THAT(Answer(ReportOf(Measure::kGoal, {Completed("one")})).front(), HasSubstr("no goal"));
}

TEST(AnswersTest, NothingExpired_IsStated) {
  PolicyReport policy = Completed("one");
  policy.expired = 0;
  policy.released_keys = {};
  policy.stale_bytes = policy.stale_keys = {};
  policy.work_seconds[Cause::kClientScan] = 1;
  for (const Measure measure :
       {Measure::kStaleMemory, Measure::kReleaseTime, Measure::kDelay, Measure::kClientScan}) {
    EXPECT_THAT(First(measure, {policy, policy}), HasSubstr("No key expired in 60 min"))
        << NameOf(measure);
  }
}

TEST(AnswersTest, EveryMeasure_NoPolicies_StillAnswers) {
  for (const Measure measure : kAll) {
    EXPECT_EQ(First(measure, {Stopped("stopped"), NotRun("waiting")}),
              "No policy finished, so no figure is judged.");
    EXPECT_THAT(First(measure, {Ideal()}), HasSubstr("no policy but the ideal")) << NameOf(measure);
    EXPECT_FALSE(First(measure, {}).empty());
  }
}

TEST(AnswersTest, EveryMeasure_UnfinishedPolicies_AreLeftOut) {
  for (const Measure measure : kAll) {
    const std::string text =
        First(measure, {Stopped("stopped"), Completed("whole"), NotRun("waiting")});
    EXPECT_THAT(text, HasSubstr("Only 1 of 3 policies finished. Of these: ")) << NameOf(measure);
    EXPECT_THAT(text, Not(HasSubstr("waiting"))) << NameOf(measure);
    EXPECT_THAT(text, Not(HasSubstr("stopped"))) << NameOf(measure);
  }
}

// Reports in which every figure is 0 or absent.
TEST(AnswersTest, EveryMeasure_AllZero_PrintsNoBrokenNumber) {
  PolicyReport zero;
  zero.label = "zero";
  zero.completed = true;
  zero.timeline.t_ms = {0};
  zero.published = Published{.seconds = 0, .keys_per_second = 0, .cpu_share = 0};
  for (const Measure measure : kAll) {
    const std::string text = First(measure, {zero, zero});
    EXPECT_THAT(text, Not(HasSubstr("inf"))) << text;
    EXPECT_THAT(text, Not(HasSubstr("nan"))) << text;
  }
}

}  // namespace
}  // namespace dcs::simulate
