// Regression tests of a run's models. Each case once gave a wrong figure.
#include <gtest/gtest.h>

#include <algorithm>

#include "tools/simulate/policy_run.h"
#include "tools/simulate/scenario_json.h"

namespace dcs::simulate {
namespace {

PolicyReport Play(std::string_view text) {
  const absl::StatusOr<Scenario> scenario = ParseScenario(text, {});
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  RunControl control;
  absl::StatusOr<PolicyReport> report = RunPolicy(*scenario, scenario->policies[0], control);
  EXPECT_TRUE(report.ok()) << report.status();
  return *std::move(report);
}

// 2,000 keys of about 1 KiB that expire at once; natural deletion may take 25 ms in 100.
std::string ThousandKiB(std::string_view costs, std::string_view policy) {
  return R"({"name": "kib", "duration_s": 60, "reclamation_starts_s": 11, "samples": {"count": 120},
    "cost_model": {"looked_at_key_us": 0, "idle_share": 0, "step_us": 0, "swept_key_us": 0, )" +
         std::string(costs) + R"(},
    "load": [{"name": "k", "keys": 2000, "key_bytes": 20, "value_bytes": 1000, "expires_in_s": 10}],
    "policies": [{"name": "p", )" +
         std::string(policy) + "}]}";
}

TEST(ModelsTest, TimeLimitCountsEveryCharge) {
  const std::string natural = R"("natural_deletion": {"model": "redis"})";
  const PolicyReport by_key =
      Play(ThousandKiB(R"("released_key_us": 100, "released_kib_us": 0)", natural));
  const double bytes = static_cast<double>(by_key.released_bytes.total());
  const double kib_us = 2000.0 * 100 / (bytes / 1024);
  const PolicyReport by_kib = Play(ThousandKiB(
      R"("released_key_us": 0, "released_kib_us": )" + std::to_string(kib_us), natural));
  EXPECT_NEAR(by_key.work_seconds.total(), 0.2, 1e-6);
  EXPECT_NEAR(by_kib.work_seconds.total(), 0.2, 1e-6);
  ASSERT_TRUE(by_key.release_seconds.p100 && by_kib.release_seconds.p100);
  EXPECT_GT(*by_kib.release_seconds.p100, 0.3) << "0.2 s of work at a quarter of the CPU";
  EXPECT_DOUBLE_EQ(*by_kib.release_seconds.p100, *by_key.release_seconds.p100);
}

TEST(ModelsTest, FastSweep_IsChargedForFreedMemory) {
  const PolicyReport sweep =
      Play(ThousandKiB(R"("released_key_us": 0, "released_kib_us": 100)", R"("fast_sweep": {})"));
  const double freed_s = static_cast<double>(sweep.released_bytes.total()) / 1024 * 100 / 1e6;
  EXPECT_NEAR(sweep.work_seconds[Cause::kFastSweep], freed_s, 1e-6);
  EXPECT_NEAR(sweep.cpu_share.peak, freed_s / 0.5, 1e-6) << "within one interval of samples";
}

TEST(ModelsTest, ClientScan_CountsAsReclamation) {
  const PolicyReport scan = Play(ThousandKiB(R"("released_key_us": 10, "released_kib_us": 10)",
                                             R"("client_scan": {"count": 100, "pause_ms": 10})"));
  EXPECT_EQ(scan.released_keys[Cause::kClientScan], 2000u);
  EXPECT_EQ(scan.released_keys[Cause::kAccess], 0u);
  EXPECT_GE(scan.looked_at, 2000u);
  const double bytes = static_cast<double>(scan.released_bytes[Cause::kClientScan]);
  EXPECT_GT(bytes, 2000 * 1000);
  const double work_s =
      (static_cast<double>(scan.steps) * 8.3 + 2000 * 10 + bytes / 1024 * 10) / 1e6;
  EXPECT_NEAR(scan.work_seconds[Cause::kClientScan], work_s, 1e-5);
  EXPECT_NEAR(scan.cpu_share.reclamation, work_s / 49, 1e-6);
}

// One sample more or less must not change the figure that is the peak.
TEST(ModelsTest, CpuPeak_EqualsTimelinesPeak) {
  const auto play = [](int duration_s) {
    return Play(R"({"name": "peak", "duration_s": )" + std::to_string(duration_s) +
                R"(, "samples": {"count": 30},
      "load": [{"name": "k", "keys": 20000, "expires_in_s": 1}, {"name": "l", "keys": 20000}],
      "policies": [{"name": "p", "auto_scan":
        {"first_s": 60, "interval_s": 60, "timeout_s": 120, "keys_per_step": 10}}]})");
  };
  for (const int duration_s : {130, 150, 165}) {
    const PolicyReport report = play(duration_s);
    double highest = 0;
    for (const double share : report.timeline.cpu_share) highest = std::max(highest, share);
    EXPECT_EQ(report.cpu_share.peak, highest) << duration_s;
  }
}

// A sweep at the time of each sample does not hide from it the keys that it releases.
TEST(ModelsTest, Sample_PrecedesSweepOfSameMillisecond) {
  const auto play = [](std::string_view every_s) {
    return Play(R"({"name": "sweeps", "duration_s": 100, "samples": {"count": 10},
      "load": [{"name": "k", "keys": 1000, "expires_in_s": {"uniform": [1, 100]}}],
      "policies": [{"name": "p", "fast_sweep": {"every_s": )" +
                std::string(every_s) + "}}]}");
  };
  const PolicyReport with_samples = play("10");
  const PolicyReport between = play("9");
  EXPECT_NEAR(with_samples.stale_keys.peak, 110, 40);
  EXPECT_NEAR(between.stale_keys.peak, 100, 40);
  EXPECT_NEAR(with_samples.stale_keys.mean, 50, 12) << "it falls to zero at each sweep";
  EXPECT_NEAR(between.stale_keys.mean, 45, 12);
}

TEST(ModelsTest, Peak_CountsTimesBetweenSamples) {
  // All keys expire at 12.5 s. Natural deletion is done long before the next sample, at 20 s.
  const PolicyReport report = Play(R"({"name": "peak", "duration_s": 100, "samples": {"count": 10},
      "load": [{"name": "k", "keys": 1000, "expires_in_s": 12.5}],
      "policies": [{"name": "p", "natural_deletion": {"model": "redis"}}]})");
  EXPECT_EQ(report.stale_keys.peak, 1000);
  EXPECT_EQ(report.stale_keys.end, 0);
  ASSERT_TRUE(report.mean_delay_seconds);
  EXPECT_LT(*report.mean_delay_seconds, 0.3);
  EXPECT_GT(*report.mean_delay_seconds, 0);
}

TEST(ModelsTest, OverwrittenExpiredKeys_CountAsExpired) {
  const auto play = [](std::string_view on_access) {
    return Play(R"({"name": "overwrites", "duration_s": 100,
      "load": [{"name": "k", "keys": 100, "expires_in_s": 1}],
      "traffic": [{"name": "writers", "keys_of": "k", "commands_per_second": 100, "read_share": 0}],
      "policies": [{"name": "p", "release_on_access": )" +
                std::string(on_access) + "}]}");
  };
  const PolicyReport on = play("true");
  const PolicyReport off = play("false");
  EXPECT_GT(on.expired, 3000u);
  EXPECT_EQ(off.expired, on.expired) << "deadlines pass under any policy";
  EXPECT_EQ(off.released_keys[Cause::kOverwrite], on.released_keys[Cause::kAccess]);
  EXPECT_EQ(off.released_keys[Cause::kAccess], 0u);
  EXPECT_DOUBLE_EQ(*off.mean_delay_seconds, *on.mean_delay_seconds);
  EXPECT_LT(*off.mean_delay_seconds, 3) << "each key is written about once a second";
}

TEST(ModelsTest, FailedScan_DoesNotCountAsEnded) {
  const PolicyReport report = Play(R"({"name": "timeout", "duration_s": 100,
      "load": [{"name": "k", "keys": 10000, "expires_in_s": 1}],
      "policies": [{"name": "p", "manual_scan": {"keys_per_step": 1, "timeout_s": 10}}]})");
  ASSERT_TRUE(report.scan);
  EXPECT_EQ(report.scan->failed, 1u);
  EXPECT_EQ(report.scan->ended, 0u);
  EXPECT_EQ(report.scan->duration_ms, 0);
  EXPECT_FALSE(report.scan->first_end_ms);
  EXPECT_FALSE(report.cpu_share.while_reclaiming);
  ASSERT_EQ(report.markers.size(), 1u);
  EXPECT_EQ(report.markers[0].text, "scan, failed by its timeout");
}

TEST(ModelsTest, OneSample_HasMeanAndPeak) {
  const PolicyReport report = Play(R"({"name": "one", "duration_s": 10, "reclamation_starts_s": 10,
      "load": [{"name": "k", "keys": 100, "expires_in_s": 1}], "policies": [{"name": "p"}]})");
  EXPECT_EQ(report.stale_keys.peak, 100);
  EXPECT_EQ(report.stale_keys.mean, 100);
}

TEST(ModelsTest, FastSweep_IsAStepInTheTimeline) {
  const PolicyReport report = Play(R"({"name": "step", "duration_s": 100, "samples": {"count": 4},
      "load": [{"name": "k", "keys": 100, "expires_in_s": 1}],
      "policies": [{"name": "p", "fast_sweep": {"first_s": 40}}]})");
  const Timeline& timeline = report.timeline;
  EXPECT_EQ(timeline.t_ms,
            (std::vector<int64_t>{0, 25'000, 40'000, 40'001, 41'000, 50'000, 75'000, 100'000}));
  EXPECT_EQ(timeline.stale_keys, (std::vector<uint64_t>{0, 100, 100, 0, 0, 0, 0, 0}));
  // Not the share of the one millisecond, in which the node did nothing else.
  EXPECT_EQ(timeline.reclamation_share[3], timeline.reclamation_share[4]);
  EXPECT_DOUBLE_EQ(timeline.reclamation_share[4], report.work_seconds.total());
  ASSERT_EQ(report.markers.size(), 1u);
  EXPECT_EQ(report.markers[0].at_ms, 40'000);
}

// A scan of four seconds between samples a minute apart.
TEST(ModelsTest, ShortScan_CpuIsNotSpreadBetweenSamples) {
  const PolicyReport report = Play(R"({"name": "short", "duration_s": 600, "samples": {"count": 10},
      "cost_model": {"idle_share": 0, "step_us": 1000, "looked_at_key_us": 0, "released_key_us": 0},
      "load": [{"name": "k", "keys": 40000, "expires_in_s": 1}],
      "policies": [{"name": "p", "auto_scan": {"first_s": 90, "interval_s": 0, "keys_per_step": 50}}]})");
  EXPECT_NEAR(report.cpu_share.peak, 0.2, 0.01) << "1 ms in 5";
  double highest = 0;
  for (const double share : report.timeline.cpu_share) highest = std::max(highest, share);
  EXPECT_EQ(report.cpu_share.peak, highest);
}

// All policies have the same clients, so their traffic rates are equal.
TEST(ModelsTest, TrafficRates_DoNotDependOnThePolicy) {
  const auto play = [](std::string_view policy) {
    return Play(R"({"name": "rates", "duration_s": 600, "samples": {"count": 10},
      "load": [{"name": "k", "keys": 5000, "expires_in_s": 1}],
      "traffic": [{"name": "r", "keys_of": "k", "commands_per_second": 20}],
      "policies": [{"name": "p")" +
                std::string(policy) + "}]}");
  };
  const auto peaks = [](const PolicyReport& report) {
    const Timeline& timeline = report.timeline;
    return std::vector<double>{
        *std::max_element(timeline.commands_per_second.begin(), timeline.commands_per_second.end()),
        *std::max_element(timeline.misses_per_second.begin(), timeline.misses_per_second.end())};
  };
  EXPECT_EQ(peaks(play("")), peaks(play(R"(, "fast_sweep": {"first_s": 95, "every_s": 7})")));
}

}  // namespace
}  // namespace dcs::simulate
