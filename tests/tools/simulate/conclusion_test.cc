#include "tools/simulate/conclusion.h"

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
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

Report WithGoal(std::vector<PolicyReport> policies) {
  Report report = ReportOf(Measure::kGoal, std::move(policies));
  report.goal = Goal{.stale_bytes_at_most = 1 << 20};
  JudgeGoal(report);
  return report;
}

TEST(ConclusionTest, FirstSentenceAnswersTheQuestion) {
  EXPECT_THAT(Conclude(WithGoal({Completed("one"), Ideal()})).front(), HasSubstr("Take one"));
}

TEST(ConclusionTest, Growth_StatesTimeToTheLimit) {
  // 3,600 keys of 100 bytes an hour.
  EXPECT_THAT(
      Conclude(WithGoal({Completed("one")})),
      Contains("About 3,600 keys expire an hour, which hold 351.6 KiB. If nothing releases them, "
               "they reach the limit of 1.0 MiB in 2.91 h: the time from the start of one scan "
               "to the end of the next must be shorter."));
}

// 720 keys in 12 of 60 minutes are 3,600 an hour, not 720.
TEST(ConclusionTest, Growth_StoppedPolicy_UsesItsRunTime) {
  PolicyReport stopped = Stopped("stopped");
  stopped.stale_bytes.mean = 10'000;
  EXPECT_THAT(Conclude(WithGoal({stopped, NotRun("waiting")})),
              Contains(HasSubstr("About 3,600 keys expire an hour, which hold 351.6 KiB")));
}

TEST(ConclusionTest, Growth_NothingStale_HasNoSentence) {
  EXPECT_THAT(Conclude(WithGoal({Ideal()})), Not(Contains(HasSubstr("an hour"))));
}

TEST(ConclusionTest, UnfinishedPolicies_AreNamedButNotJudged) {
  const std::vector<std::string> sentences =
      Conclude(WithGoal({Stopped("cut"), Completed("low"), Completed("high"), NotRun("waiting")}));
  EXPECT_THAT(sentences,
              Contains("Not judged, because the simulation was stopped: cut stopped after "
                       "12 min; not run: waiting."));
  for (const std::string& sentence : sentences) {
    if (sentence.find("Not judged") == 0) continue;
    EXPECT_THAT(sentence, Not(HasSubstr("cut")));
    EXPECT_THAT(sentence, Not(HasSubstr("waiting")));
  }
}

TEST(ConclusionTest, NoPolicyFinished_RecommendsNothing) {
  EXPECT_THAT(Conclude(WithGoal({Stopped("cut"), NotRun("waiting")})),
              AllOf(Contains(HasSubstr("No policy finished")), Each(Not(HasSubstr("Take")))));
}

TEST(ConclusionTest, PublishedFigures_FollowAnotherAnswer) {
  PolicyReport scan = Completed("scan");
  scan.published = Published{.seconds = 120, .keys_per_second = {}, .cpu_share = {}};
  ScanTotals totals;
  totals.scans = totals.ended = 1;
  totals.duration_ms = 126'000;
  scan.scan = totals;
  EXPECT_THAT(Conclude(ReportOf(Measure::kStaleMemory, {scan})),
              Contains("scan: 2.10 min, published 2.00 min (+5.0 %)."));
}

TEST(ConclusionTest, PoliciesNotDone_AreNamed) {
  PolicyReport done = Completed("done");
  done.release_seconds.p99 = 9;
  EXPECT_THAT(
      Conclude(ReportOf(Measure::kStaleMemory, {done, Completed("slow")})),
      Contains("99 % of what had expired was not released at the end, after 60 min: slow."));
}

TEST(ConclusionTest, Ties_NameNoExtremes) {
  PolicyReport one = Completed("one"), two = Completed("two");
  one.traffic = two.traffic = sample::Traffic(900, 2000);
  const std::vector<std::string> sentences = Conclude(ReportOf(Measure::kDelay, {one, two}));
  EXPECT_THAT(sentences, Not(Contains(HasSubstr("Stale memory on average"))));
  EXPECT_THAT(sentences, Not(Contains(HasSubstr("One command in a thousand"))));
}

}  // namespace
}  // namespace dcs::simulate
