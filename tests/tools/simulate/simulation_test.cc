#include "tools/simulate/simulation.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tools/simulate/report_json.h"
#include "tools/simulate/scenario_json.h"

namespace dcs::simulate {
namespace {

// The reference test with a thousandth of its keys; scans take a thousandth of the time.
constexpr std::string_view kReference = R"({
  "name": "reference", "duration_s": 30, "reclamation_starts_s": 10,
  "load": [{"name": "lasting", "keys": 10000},
           {"name": "expiring", "keys": 5000, "expires_in_s": {"uniform": [1, 10]}}],
  "policies": [
    {"name": "on-access"},
    {"name": "natural", "natural_deletion": {"model": "dcs"}},
    {"name": "scan-10", "manual_scan": {"keys_per_step": 10}},
    {"name": "scan-100", "manual_scan": {"keys_per_step": 100}},
    {"name": "auto", "auto_scan": {"interval_s": 5, "keys_per_step": 1000}},
    {"name": "sweep", "fast_sweep": {}},
    {"name": "client", "client_scan": {"count": 100, "pause_ms": 10}},
    {"name": "ideal", "ideal": true}]})";

absl::StatusOr<Report> Play(std::string_view text, const ScenarioOverrides& overrides = {},
                            const SimulationOptions& options = {}) {
  absl::StatusOr<Scenario> scenario = ParseScenario(text, overrides);
  if (!scenario.ok()) return scenario.status();
  return Simulate(*scenario, options);
}

const PolicyReport& Find(const Report& report, std::string_view name) {
  for (const PolicyReport& policy : report.policies) {
    if (policy.name == name) return policy;
  }
  ADD_FAILURE() << name;
  return report.policies.front();
}

TEST(SimulationTest, ScanTime_FollowsThePace) {
  const absl::StatusOr<Report> report = Play(kReference);
  ASSERT_TRUE(report.ok()) << report.status();
  const PolicyReport& slow = Find(*report, "scan-10");
  EXPECT_NEAR(static_cast<double>(slow.scan->duration_ms), 7'500, 75);
  EXPECT_EQ(slow.scan->visited, 15'000u);
  EXPECT_EQ(slow.scan->released, 5'000u);
  EXPECT_NEAR(static_cast<double>(Find(*report, "scan-100").scan->duration_ms), 750, 8);
  EXPECT_NEAR(*Find(*report, "natural").release_seconds.p100, 0.5, 0.05);
}

TEST(SimulationTest, EveryPolicyReleasesExpiredKeys) {
  const absl::StatusOr<Report> report = Play(kReference);
  ASSERT_TRUE(report.ok()) << report.status();
  for (const PolicyReport& policy : report->policies) {
    const bool nobody_asks = policy.name == "on-access";
    EXPECT_EQ(policy.released(), nobody_asks ? 0 : 5'000u) << policy.name;
    EXPECT_EQ(policy.stale_keys.end, nobody_asks ? 5'000 : 0) << policy.name;
    EXPECT_EQ(policy.stale_keys.peak, policy.name == "ideal" ? 0 : 5'000) << policy.name;
  }
  EXPECT_FALSE(Find(*report, "on-access").release_seconds.p50);
  EXPECT_EQ(Find(*report, "auto").scan->failed, 0u);
  EXPECT_GE(Find(*report, "auto").scan->scans, 4u);
  EXPECT_EQ(Find(*report, "client").released_keys[Cause::kClientScan], 5'000u);
}

TEST(SimulationTest, SameBytesForSameSeedOnly) {
  const auto text = [](uint64_t seed) {
    absl::StatusOr<Report> report = Play(kReference, {.seed = seed, .set = {}});
    nlohmann::ordered_json json = ToJson(*report);
    json.erase("measured");
    json.erase("seed");
    return json.dump();
  };
  const std::string once = text(1);
  EXPECT_EQ(once, text(1));
  EXPECT_NE(once, text(2));
}

// kReference with clients that read, miss and write.
const std::vector<std::string> kClients = {
    R"(traffic=[{"name": "readers", "keys_of": "expiring", "commands_per_second": 500,
                 "read_share": 0.9, "zipf_exponent": 0.8, "fill_after_s": 0.2},
                {"name": "writers", "keys_of": "expiring", "commands_per_second": 100,
                 "read_share": 0, "writes": "new"}])"};

TEST(SimulationTest, EveryPolicyHasTheSameClients) {
  const absl::StatusOr<Report> report = Play(kReference, {.seed = {}, .set = kClients});
  ASSERT_TRUE(report.ok()) << report.status();
  const TrafficCounts& first = report->policies[0].traffic->counts;
  EXPECT_NEAR(static_cast<double>(first.reads), 500 * 0.9 * 30, 600);
  EXPECT_GT(first.misses, 1000u);
  for (const PolicyReport& policy : report->policies) {
    const TrafficCounts& counts = policy.traffic->counts;
    // An expired key is invisible, no matter what releases it.
    EXPECT_EQ(counts.hits, first.hits) << policy.name;
    EXPECT_EQ(counts.misses, first.misses) << policy.name;
    EXPECT_EQ(counts.fills, first.fills) << policy.name;
    EXPECT_EQ(policy.timeline.misses_per_second.size(), policy.timeline.t_ms.size());
    EXPECT_GE(policy.traffic->delay.p999_us, policy.traffic->delay.p50_us);
  }
  EXPECT_GT(Find(*report, "on-access").released_keys[Cause::kAccess], 0u);
  EXPECT_LT(Find(*report, "on-access").stale_keys.end,
            static_cast<double>(Find(*report, "on-access").expired));
}

TEST(SimulationTest, SameSeed_SameClients) {
  const auto text = [](uint64_t seed, int threads) {
    absl::StatusOr<Report> report =
        Play(kReference, {.seed = seed, .set = kClients}, {.threads = threads});
    nlohmann::ordered_json json = ToJson(*report);
    json.erase("measured");
    json.erase("seed");
    return json.dump();
  };
  const std::string once = text(1, 1);
  EXPECT_EQ(once, text(1, 2));
  EXPECT_NE(once, text(2, 1));
}

TEST(SimulationTest, StoppedRun_GivesPartialReport) {
  const std::atomic<bool> stop{true};
  const absl::StatusOr<Report> report = Play(
      kReference, {.seed = {}, .set = {"load[0].keys=2000000"}}, {.threads = 1, .stop = &stop});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->partial);
  EXPECT_EQ(report->policies.size(), 8u);
  EXPECT_FALSE(report->policies.back().completed);
  EXPECT_TRUE(ToJson(*report)["partial"].get<bool>());
}

}  // namespace
}  // namespace dcs::simulate
