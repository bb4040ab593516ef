#include "tools/simulate/conclusion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dcs::simulate {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

PolicyReport Policy(std::string name, double peak_bytes, double reclamation, double peak_cpu) {
  PolicyReport policy;
  policy.name = name;
  policy.label = name;
  policy.completed = true;
  policy.expired = 3600;
  policy.stale_keys = {.mean = 100, .p99 = 200, .peak = 300, .end = 10};
  policy.stale_bytes = {.mean = peak_bytes / 3, .p99 = peak_bytes, .peak = peak_bytes, .end = 0};
  policy.cpu_share = {.mean = 0.1, .reclamation = reclamation, .peak = peak_cpu};
  policy.timeline.t_ms = {0};
  return policy;
}

Report Sample() {
  Report report;
  report.duration_seconds = 3600;
  report.goal = Goal{.stale_bytes_at_most = 1 << 20, .cpu_share_at_most = 0.2};
  report.policies = {Policy("lazy", 9 << 20, 0, 0.05), Policy("dear", 1000, 0.1, 0.1),
                     Policy("cheap", 2000, 0.01, 0.15), Policy("hot", 1000, 0.001, 0.5),
                     Policy("perfect", 0, 0, 0)};
  report.policies.back().ideal = true;
  JudgeGoal(report);
  return report;
}

TEST(ConclusionTest, NamesTheCheapestThatKeepsWithinTheLimits) {
  const Report report = Sample();
  EXPECT_FALSE(report.policies[0].goal->met);
  EXPECT_THAT(report.policies[0].goal->why, HasSubstr("9.0 MiB"));
  EXPECT_TRUE(report.policies[1].goal->met);
  EXPECT_THAT(report.policies[3].goal->why, HasSubstr("50.0 %"));
  EXPECT_THAT(Conclude(report).front(),
              AllOf(HasSubstr("Take cheap"), HasSubstr("1.0 MiB"), HasSubstr("15.0 %")));
}

TEST(ConclusionTest, SaysSoWhenNoneDoes) {
  Report report = Sample();
  report.goal = Goal{.stale_bytes_at_most = 10};
  JudgeGoal(report);
  EXPECT_THAT(Conclude(report).front(), AllOf(HasSubstr("None"), Not(HasSubstr("perfect"))));
}

TEST(ConclusionTest, TellsHowFastKeysExpireAndHowLongALimitLasts) {
  EXPECT_THAT(Conclude(Sample()), Contains(HasSubstr("About 3600 keys expire an hour")));
}

TEST(ConclusionTest, SetsPublishedTimesBesideWhatAScanTook) {
  Report report;
  report.policies = {Policy("scan", 1000, 0.1, 0.1)};
  report.policies[0].published = Published{.seconds = 120, .keys_per_second = {}, .cpu_share = {}};
  ScanTotals scan;
  scan.scans = scan.ended = 1;
  scan.duration_ms = 126'000;
  report.policies[0].scan = scan;
  EXPECT_THAT(Conclude(report),
              Contains(AllOf(HasSubstr("2.10 min"), HasSubstr("2.00 min"), HasSubstr("+5.0 %"))));
}

TEST(ConclusionTest, APartialReportRecommendsNothing) {
  Report report = Sample();
  report.partial = true;
  EXPECT_THAT(Conclude(report), Not(Contains(HasSubstr("Take"))));
}

}  // namespace
}  // namespace dcs::simulate
