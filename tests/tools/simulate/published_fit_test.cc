#include "tools/simulate/published_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/tools/simulate/sample_report.h"
#include "tools/simulate/report_json.h"

namespace dcs::simulate {
namespace {

using sample::Completed;
using sample::ReportOf;
using sample::Stopped;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// A scan of 15 million keys, a third of them expired, at 200 steps a second.
PolicyReport Scan(uint64_t keys_per_step, double cpu_share) {
  PolicyReport policy = Completed("scan-" + std::to_string(keys_per_step));
  ScanTotals scan;
  scan.scans = scan.ended = 1;
  scan.visited = 15'000'000;
  scan.released = 5'000'000;
  scan.duration_ms = static_cast<TimeMs>(scan.visited / keys_per_step) * 5;
  // A step of 10 keys visits 14, so there are fewer steps.
  scan.steps = keys_per_step == 10 ? 1'095'000 : scan.visited / keys_per_step;
  policy.scan = scan;
  policy.published = Published{.seconds = static_cast<double>(scan.duration_ms) / 1000,
                               .keys_per_second = {},
                               .cpu_share = cpu_share};
  return policy;
}

Report ReferenceTest() {
  PolicyReport natural = Completed("natural");
  natural.released_keys = {};
  natural.released_keys[Cause::kNaturalDeletion] = natural.looked_at = 5'000'000;
  natural.release_seconds.p100 = 500;
  natural.published = Published{.seconds = 480, .keys_per_second = 10'000, .cpu_share = 0.05};
  return ReportOf(Measure::kPublished,
                  {natural, Scan(10, 0.08), Scan(50, 0.1), Scan(100, 0.2), Scan(1000, 0.25)});
}

double MeanSquareError(const CostModel& costs) {
  Report report = ReferenceTest();
  report.cost_model = costs;
  double squares = 0;
  const PublishedFit fit = *FitToPublished(report);
  for (const FitRow& row : fit.rows) squares += *row.error * *row.error;
  return squares / 5;
}

TEST(PublishedFitTest, Defaults_ApproximatePublishedShares) {
  const PublishedFit fit = *FitToPublished(ReferenceTest());
  ASSERT_EQ(fit.rows.size(), 5u);
  const double expected[] = {0.0500, 0.0860, 0.1133, 0.1212, 0.2622};
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(fit.rows[i].simulated, expected[i], 0.00006) << fit.rows[i].label;
  }
  EXPECT_THAT(fit.note, AllOf(HasSubstr("19.0 %"), HasSubstr("-39.4 % (scan-100)")));
}

// No small change of a parameter that keeps it nonnegative improves the fit by more than rounding.
TEST(PublishedFitTest, DefaultsHaveTheLeastSquares) {
  const CostModel defaults;
  const double least = MeanSquareError(defaults);
  EXPECT_NEAR(std::sqrt(least), 0.190, 0.001);
  for (double CostModel::*parameter : {&CostModel::step_us, &CostModel::looked_at_key_us,
                                       &CostModel::released_key_us, &CostModel::idle_share}) {
    for (const double factor : {0.5, 0.9, 0.95, 1.05, 1.1, 2.0}) {
      CostModel changed;
      changed.*parameter *= factor;
      EXPECT_GT(MeanSquareError(changed), least - 2e-4) << factor;
    }
  }
  EXPECT_GE(defaults.idle_share, 0);
  EXPECT_LE(defaults.idle_share, 0.05);
}

// Uses the report's model, not the defaults.
TEST(PublishedFitTest, UsesTheReportsCostModel) {
  Report report = ReferenceTest();
  report.cost_model = {.command_us = 0,
                       .step_us = 0,
                       .looked_at_key_us = 0,
                       .released_key_us = 0,
                       .released_kib_us = 0,
                       .swept_key_us = 0,
                       .idle_share = 0.04};
  EXPECT_NEAR(FitToPublished(report)->rows[1].simulated, 0.04, 1e-9);
  EXPECT_NEAR(*FitToPublished(report)->rows[1].error, -0.5, 1e-9);
}

TEST(PublishedFitTest, IsInTheReportOnlyWithPublishedShares) {
  Report report = ReferenceTest();
  const auto fit = ToJson(report)["settings"]["published_fit"];
  EXPECT_EQ(fit["rows"].size(), 5u);
  EXPECT_EQ(fit["rows"][3]["label"], "scan-100");
  EXPECT_EQ(fit["rows"][3]["published"], 0.2);
  EXPECT_TRUE(fit["note"].is_string());
  for (PolicyReport& policy : report.policies) policy.published->cpu_share.reset();
  EXPECT_FALSE(ToJson(report)["settings"].contains("published_fit"));
}

TEST(PublishedFitTest, ReportsErrorsOfTimesAndShares) {
  Report report = ReferenceTest();
  for (PolicyReport& policy : report.policies) policy.cpu_share.while_reclaiming = 0.1;
  const std::vector<std::string> sentences = AgainstPublished(report);
  EXPECT_EQ(sentences.front(),
            "Simulated times are within 4.2 % of the published ones (natural is furthest: +4.2 %); "
            "simulated CPU shares are within 100.0 % of the published ones (natural is furthest: "
            "+100.0 %).");
  EXPECT_THAT(sentences, Contains("scan-10: 125.00 min, published 125.00 min (0 %); CPU 10.0 %, "
                                  "published 8.0 %."));
  EXPECT_THAT(sentences.back(), HasSubstr("They differ because"));
}

TEST(PublishedFitTest, EqualTimes_AreReportedAsEqual) {
  const Report report = ReportOf(Measure::kPublished, {Scan(10, 0.08)});
  EXPECT_EQ(AgainstPublished(report).front(),
            "Simulated times equal the published ones; no published CPU share can be compared.");
}

TEST(PublishedFitTest, ScanFailedByTimeout_HasNoDuration) {
  Report report = ReportOf(Measure::kPublished, {Scan(10, 0.08)});
  ScanTotals failed;
  failed.scans = failed.failed = 1;
  report.policies[0].scan = failed;
  report.policies[0].release_seconds.p100 = 1250;  // by another cause
  const std::vector<std::string> sentences = AgainstPublished(report);
  EXPECT_THAT(sentences, Contains(HasSubstr("scan-10: the scan failed by its timeout, published "
                                            "125.00 min")));
  EXPECT_THAT(sentences, Not(Contains(HasSubstr("-83"))));
  EXPECT_TRUE(FitToPublished(report)->rows.empty());
}

TEST(PublishedFitTest, PublishedZero_GivesNoPercentage) {
  Report report = ReportOf(Measure::kPublished, {Scan(10, 0)});
  report.policies[0].published->seconds = 0;
  for (const std::string& sentence : AgainstPublished(report)) {
    EXPECT_THAT(sentence, Not(HasSubstr("inf")));
  }
  EXPECT_THAT(
      AgainstPublished(report),
      Contains(HasSubstr("scan-10: 125.00 min, published 0 s; CPU not known, published 0 %.")));
  EXPECT_FALSE(FitToPublished(report)->rows[0].error);
  EXPECT_FALSE(ToJson(report)["settings"]["published_fit"]["rows"][0].contains("error"));
}

TEST(PublishedFitTest, UnfinishedPolicies_AreNotCompared) {
  PolicyReport stopped = Stopped("stopped");
  stopped.published = Published{.seconds = 480, .keys_per_second = {}, .cpu_share = 0.05};
  stopped.release_seconds.p100 = 1;
  const Report report = ReportOf(Measure::kPublished, {stopped, Scan(10, 0.08)});
  EXPECT_THAT(AgainstPublished(report), Not(Contains(HasSubstr("stopped"))));
  EXPECT_EQ(FitToPublished(report)->rows.size(), 1u);
}

}  // namespace
}  // namespace dcs::simulate
