#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>

#include "tools/simulate/report_json.h"
#include "tools/simulate/scenario_json.h"
#include "tools/simulate/simulation.h"
#include "tools/simulate/summary.h"

namespace dcs::simulate {
namespace {

constexpr const char* kLong = R"({
  "name": "long", "duration_s": 3600,
  "load": [{"name": "keys", "keys": 2000000, "expires_in_s": {"uniform": [1, 3600]}}],
  "goal": {"stale_mib_at_most": 1},
  "policies": [{"name": "one"}, {"name": "two"}, {"name": "three"}, {"name": "ideal", "ideal": true}]})";

TEST(StoppedRunTest, StoppedPolicies_AreNotJudged) {
  const std::atomic<bool> stop{true};
  size_t done = 0;
  const absl::StatusOr<Report> report = Simulate(
      *ParseScenario(kLong, {}),
      {.threads = 2, .stop = &stop, .progress = [&](double, size_t policies) { done = policies; }});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(done, 0u);
  for (const PolicyReport& policy : report->policies) EXPECT_FALSE(policy.goal) << policy.name;
  EXPECT_EQ(report->conclusion.front(), "No policy finished, so no figure is judged.");
  EXPECT_EQ(TerminalSummary(*report).find("0 B"), std::string::npos);
  const nlohmann::ordered_json json = ToJson(*report);
  for (const auto& policy : json["policies"]) EXPECT_NE(policy["state"], "completed");
}

}  // namespace
}  // namespace dcs::simulate
