#include "tools/simulate/simulation.h"

#include <gtest/gtest.h>

#include "tools/simulate/report_json.h"
#include "tools/simulate/scenario_json.h"

namespace dcs::simulate {
namespace {

// The reference test with a thousandth of its keys: scans take a thousandth of the time.
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

TEST(SimulationTest, ScansTakeWhatTheirPaceSays) {
  const absl::StatusOr<Report> report = Play(kReference);
  ASSERT_TRUE(report.ok()) << report.status();
  const PolicyReport& slow = Find(*report, "scan-10");
  EXPECT_NEAR(static_cast<double>(slow.scan->duration_ms), 7'500, 75);
  EXPECT_EQ(slow.scan->visited, 15'000u);
  EXPECT_EQ(slow.scan->released, 5'000u);
  EXPECT_NEAR(static_cast<double>(Find(*report, "scan-100").scan->duration_ms), 750, 8);
  EXPECT_NEAR(*Find(*report, "natural").release_seconds.p100, 0.5, 0.05);
}

TEST(SimulationTest, EveryPolicyReleasesWhatItCan) {
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
  EXPECT_EQ(Find(*report, "client").released_on_access, 5'000u);
}

TEST(SimulationTest, OneSeedGivesTheSameBytesAndAnotherDoesNot) {
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

TEST(SimulationTest, AStoppedRunGivesAPartialReport) {
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
