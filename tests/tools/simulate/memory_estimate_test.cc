#include "tools/simulate/memory_estimate.h"

#include <gtest/gtest.h>

#include "tools/simulate/key_maker.h"
#include "tools/simulate/mechanism.h"
#include "tools/simulate/policy_run.h"
#include "tools/simulate/scenario_json.h"

namespace dcs::simulate {
namespace {

Scenario ScenarioOf(KeyGroup group) {
  Scenario scenario;
  scenario.duration_ms = 100'000;
  group.name = std::string("k");
  scenario.groups.push_back(std::move(group));
  scenario.policies.emplace_back();
  return scenario;
}

struct Case {
  const char* what;
  KeyGroup group;
};

KeyGroup Strings(uint64_t keys, Distribution value, Distribution key = Constant{16}) {
  KeyGroup group;
  group.keys = keys;
  group.key_bytes = std::move(key);
  group.value_bytes = std::move(value);
  return group;
}
KeyGroup Hashes(uint64_t keys, Distribution fields, Distribution value) {
  KeyGroup group = Strings(keys, std::move(value));
  group.type = store::ValueType::kHash;
  group.fields = std::move(fields);
  return group;
}
KeyGroup Expiring(KeyGroup group, Distribution seconds) {
  group.expires_in_s = std::move(seconds);
  return group;
}

// The estimate is at most rounding below the memory held, and not so far above that loads which fit
// are refused.
void ExpectBound(double estimate, double held, const char* what) {
  EXPECT_GE(estimate, 0.98 * held) << what;
  EXPECT_LE(estimate, 3 * held + (1 << 20)) << what;
}

TEST(MemoryEstimateTest, RunBytes_BoundsMemoryOfLoad) {
  const Case cases[] = {
      {"one key", Strings(1, Constant{1})},
      {"a thousand small", Strings(1000, Constant{10})},
      {"small", Strings(200'000, Constant{1})},
      {"usual", Strings(300'000, Constant{32})},
      {"as the slot blocks grow", Strings(500'000, Constant{30})},
      {"expiring", Expiring(Strings(500'000, Constant{30}), Uniform{1, 1e6})},
      {"far deadlines", Expiring(Strings(100'000, Constant{32}), Constant{2e9})},
      {"values of 1 KB", Strings(50'000, Normal{1000, 500, {0, 10'000}})},
      {"heavy tail", Strings(1000, Normal{10, 1e5, {0, 6e6}})},
      {"values of 30 KB", Strings(700, Constant{30'000})},
      {"values of 90 KB", Strings(220, Constant{90'000})},
      {"values of 170 KB", Strings(120, Constant{170'000})},
      {"few of 170 KB", Strings(3, Constant{170'000})},
      {"values of 250 KB", Strings(200, Constant{250'000})},
      {"values of 300 KB", Strings(200, Constant{300'000})},
      {"one of 60 MB", Strings(1, Constant{60e6})},
      {"long keys", Strings(50'000, Constant{10}, Uniform{100, 1000})},
      {"names longer than key_bytes", Strings(100'000, Constant{1}, Constant{1})},
      {"one field", Hashes(50'000, Constant{1}, Constant{10})},
      {"no field asked for", Hashes(50'000, Constant{0}, Constant{10})},
      {"up to 3 fields", Hashes(50'000, Uniform{0, 3}, Constant{15})},
      {"five fields", Hashes(20'000, Constant{5}, Constant{10})},
      {"half a field more", Hashes(20'000, Uniform{1.5, 1.6}, Constant{100})},
      {"ten fields of 40", Hashes(20'000, Constant{10}, Constant{40})},
      {"28 fields", Hashes(5000, Constant{28}, Constant{10})},
      {"many fields", Hashes(200, Lognormal{500, 0.8, {50, 5000}}, Constant{40})},
      {"one large hash", Hashes(1, Constant{100'000}, Constant{16})},
  };
  for (const Case& one : cases) {
    const Scenario scenario = ScenarioOf(one.group);
    store::Keyspace keyspace({.lazy_free_thread = false});
    KeyMaker maker(scenario.groups[0], GroupSeed(scenario, 0));
    std::string name;
    for (uint64_t i = 0; i < scenario.groups[0].keys; ++i) {
      maker.NameOf(i, name);
      const store::HashedKey key = keyspace.Hash(name);
      store::Transaction txn(keyspace, 0, key);
      ASSERT_TRUE(maker.Write(txn, key, maker.ContentOf(i, 0)).ok());
    }
    const auto held = static_cast<double>(keyspace.TakeCensus(0).held_bytes);
    // The keyspace does not hold the text that values are cut from.
    ExpectBound(RunBytes(scenario) - Most(scenario.groups[0].value_bytes), held, one.what);
  }
}

TEST(MemoryEstimateTest, RunBytes_BoundsTheTailOfFewDraws) {
  // The sum of 10 draws with such a tail is far from ten times its mean.
  const Scenario scenario = ScenarioOf(Strings(10, Lognormal{100, 3, {0, 6e7}}));
  const double estimate = RunBytes(scenario);
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const KeyMaker maker(scenario.groups[0], seed);
    double values = 0;
    for (uint64_t i = 0; i < 10; ++i) {
      values += static_cast<double>(maker.ContentOf(i, 0).value_bytes);
    }
    EXPECT_LE(values, estimate) << seed;
  }
  // A thousand keys of at most 1,000 bytes never exceed a thousand times that.
  EXPECT_LE(LoadBytes(Strings(1000, Lognormal{900, 5, {0, 1000}})), 1000 * (1000 + 16 + 60));
}

TEST(MemoryEstimateTest, LargestKeyBytes_IsTheLargestFieldsTimesTheLargestValue) {
  const Lognormal few{10, 0.1, {0, 1e6}};
  EXPECT_GT(LargestKeyBytes(Hashes(1, few, Choice{{{1, 1e9}, {1000, 1}}})), 1e6 * 1000);
  EXPECT_LT(LargestKeyBytes(Hashes(1, few, Choice{{{1, 1e9}, {1000, 1}}})), 1e6 * 1300);
  EXPECT_GT(LargestKeyBytes(Strings(1, Exponential{1, {0, 5e7}}, Uniform{1, 60'000})), 5.006e7);
}

TEST(MemoryEstimateTest, RunBytes_BoundsMemoryOfTraffic) {
  const auto held_with = [](KeyGroup group, TrafficStream stream) {
    Scenario scenario = ScenarioOf(std::move(group));
    stream.name = std::string("t");
    scenario.traffic.push_back(std::move(stream));
    RunControl control;
    const absl::StatusOr<PolicyReport> report = RunPolicy(scenario, scenario.policies[0], control);
    EXPECT_TRUE(report.ok()) << report.status();
    return std::pair(RunBytes(scenario), report->held_bytes.peak);
  };
  const auto expect = [](const std::pair<double, double>& bytes, const char* what) {
    EXPECT_GE(bytes.first, 0.98 * bytes.second) << what;
  };
  TrafficStream fills;
  fills.rate.per_second = 2000;
  fills.fill_after_ms = 1000;
  TrafficStream writes;
  writes.rate.per_second = 2000;
  writes.read_share = 0;
  TrafficStream makes = writes;
  makes.writes_new_keys = true;
  const Distribution sizes = Lognormal{200, 1, {0, 10'000}};
  expect(held_with(Strings(50'000, sizes), writes), "values that replace others");
  expect(held_with(Strings(1000, sizes), makes), "new keys");
  expect(held_with(Expiring(Strings(20'000, sizes), Uniform{1, 20}), fills), "fills");
  expect(held_with(Hashes(2000, Uniform{1, 40}, Constant{10}), writes), "hashes");
}

TEST(MemoryEstimateTest, ReportBytes_CountsSamplesOfAllPolicies) {
  Scenario scenario = ScenarioOf(Strings(1, Constant{1}));
  scenario.samples = 1000;
  const double one = ReportBytes(scenario);
  scenario.policies.resize(50);
  EXPECT_NEAR(ReportBytes(scenario) / one, 50, 1e-9);
  scenario.policies[0].fast_sweep = {.first_ms = 0, .every_ms = 1};
  // Three samples for each sweep within kMostMarkedTimes; further sweeps get none.
  EXPECT_NEAR(ReportBytes(scenario) / one, 50 + 3.0 * kMostMarkedTimes / 1003, 1e-6);
}

}  // namespace
}  // namespace dcs::simulate
