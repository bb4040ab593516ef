// Properties of every scenario and every policy: the parts of a run agree with each other.
//
// Each sample of a run compares the keyspace with the ledger of writes and releases (RunPolicy
// fails if they differ), so these tests build on that check.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/tools/simulate/random_scenario.h"
#include "tools/simulate/policy_run.h"
#include "tools/simulate/report_json.h"
#include "tools/simulate/simulation.h"

namespace dcs::simulate {
namespace {

constexpr uint64_t kScenarios = 240;
constexpr uint64_t kPerShard = 30;  // number of tests per shard; shards run in parallel

// The integral of a series whose values hold for the time since the previous sample.
double Integral(const Timeline& timeline, const std::vector<double>& series) {
  double sum = 0;
  for (size_t i = 1; i < series.size(); ++i) {
    sum += series[i] * static_cast<double>(timeline.t_ms[i] - timeline.t_ms[i - 1]) / 1000;
  }
  return sum;
}

template <typename Number>
double Highest(const std::vector<Number>& series) {
  return series.empty() ? 0 : static_cast<double>(*std::max_element(series.begin(), series.end()));
}

void CheckKeys(const Scenario& scenario, const PolicyReport& policy) {
  const Timeline& timeline = policy.timeline;
  EXPECT_EQ(policy.made - policy.replaced, policy.released() + timeline.keys.back());
  EXPECT_EQ(policy.expired, policy.released() + timeline.stale_keys.back());
  EXPECT_EQ(timeline.released.back(), policy.released());
  EXPECT_TRUE(std::is_sorted(timeline.released.begin(), timeline.released.end()));
  uint64_t made = 0;
  for (const KeyGroup& group : scenario.groups) made += group.keys;
  for (size_t i = 0; i < scenario.traffic.size(); ++i) {
    const TrafficCounts& counts = policy.traffic->streams[i];
    made += counts.writes;
    if (scenario.traffic[i].read_extends_deadline) made += counts.hits;
    EXPECT_EQ(counts.reads, counts.hits + counts.misses);
  }
  EXPECT_EQ(policy.made, made) << "keys loaded + written";
  if (policy.mean_delay_seconds) {
    EXPECT_GE(*policy.mean_delay_seconds, 0);
    EXPECT_LE(*policy.mean_delay_seconds, policy.ended_at_seconds);
  }
}

void CheckPeaks(const Scenario& scenario, const PolicyReport& policy) {
  const Timeline& timeline = policy.timeline;
  const auto first = static_cast<size_t>(
      std::lower_bound(timeline.t_ms.begin(), timeline.t_ms.end(), scenario.reclamation_starts_ms) -
      timeline.t_ms.begin());
  for (size_t i = first; i < timeline.t_ms.size(); ++i) {
    EXPECT_GE(policy.stale_keys.peak, static_cast<double>(timeline.stale_keys[i]));
    EXPECT_GE(policy.stale_bytes.peak, static_cast<double>(timeline.stale_bytes[i]));
    EXPECT_GE(policy.used_bytes.peak, static_cast<double>(timeline.used_bytes[i]));
  }
  EXPECT_EQ(policy.cpu_share.peak, Highest(timeline.cpu_share));
  EXPECT_LE(policy.cpu_share.peak, 1);
  EXPECT_GE(policy.stale_keys.peak, policy.stale_keys.mean);
}

void CheckWork(const Scenario& scenario, const PolicyReport& policy) {
  const Timeline& timeline = policy.timeline;
  const CostModel& costs = scenario.cost_model;
  const auto near = [](double found, double expected, const char* what) {
    EXPECT_NEAR(found, expected, 1e-6 + 1e-6 * expected) << what;
  };
  const double charged = policy.work_seconds.total();
  const double commands = policy.work_seconds[Cause::kCommand];
  near(Integral(timeline, timeline.reclamation_share), charged - commands, "reclamation");
  const double done =
      Integral(timeline, timeline.cpu_share) - costs.idle_share * policy.ended_at_seconds;
  EXPECT_LE(done, charged + 1e-6);
  // A node that is never full has done all the work requested, except for work just before the end.
  if (policy.cpu_share.peak < 0.5) {
    EXPECT_GE(done, charged - 0.5 * policy.ended_at_seconds);
    if (timeline.reclamation_share.back() == 0) near(done, charged, "work done");
  }
  near(policy.work_seconds[Cause::kIdeal], 0, "ideal");
  near(policy.work_seconds[Cause::kAccess],
       KeysUs(costs, 0, policy.released_keys[Cause::kAccess],
              policy.released_bytes[Cause::kAccess]) /
           1e6,
       "released on access");
  if (!policy.traffic) {
    EXPECT_EQ(commands, 0);
    return;
  }
  const TrafficCounts& counts = policy.traffic->counts;
  near(commands, static_cast<double>(counts.commands()) * costs.command_us / 1e6, "commands");
  near(Integral(timeline, timeline.commands_per_second), static_cast<double>(counts.commands()),
       "commands a second");
  near(Integral(timeline, timeline.misses_per_second), static_cast<double>(counts.misses),
       "misses a second");
}

class PropertiesTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(PropertiesTest, HoldForRandomScenarios) {
  for (uint64_t number = GetParam(); number < GetParam() + kPerShard; ++number) {
    const Scenario scenario = RandomScenario(number).Make();
    for (const Policy& policy : scenario.policies) {
      SCOPED_TRACE(testing::Message() << "scenario " << number << ", " << policy.name);
      RunControl control;
      const absl::StatusOr<PolicyReport> report = RunPolicy(scenario, policy, control);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_TRUE(report->completed);
      CheckKeys(scenario, *report);
      CheckPeaks(scenario, *report);
      CheckWork(scenario, *report);
    }
    if (HasFailure()) return;
  }
}

TEST_P(PropertiesTest, SameSeed_SameBytesWithOneOrTwoThreads) {
  for (uint64_t number = GetParam(); number < GetParam() + kPerShard; number += 10) {
    const Scenario scenario = RandomScenario(number).Make();
    const auto text = [&](int threads) {
      absl::StatusOr<Report> report = Simulate(scenario, {.threads = threads});
      nlohmann::ordered_json json = ToJson(*report);
      json.erase("measured");
      return json.dump();
    };
    ASSERT_EQ(text(1), text(2)) << "scenario " << number;
  }
}

std::vector<uint64_t> FirstNumbers() {
  std::vector<uint64_t> numbers;
  for (uint64_t number = 0; number < kScenarios; number += kPerShard) numbers.push_back(number);
  return numbers;
}

INSTANTIATE_TEST_SUITE_P(Numbers, PropertiesTest, ::testing::ValuesIn(FirstNumbers()));

}  // namespace
}  // namespace dcs::simulate
