// Random scenarios for property tests: small, with every kind of load, traffic, cost and policy,
// from one seed.
#pragma once

#include <string>

#include "tools/simulate/random.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

class RandomScenario {
 public:
  explicit RandomScenario(uint64_t number) : random_(Mix(0x5CE7A810, number)) {}

  Scenario Make() {
    Scenario scenario;
    scenario.name = "random";
    scenario.seed = random_();
    scenario.duration_ms = Between(5'000, 60'000);
    scenario.reclamation_starts_ms = OneIn(3) ? 0 : Between(0, scenario.duration_ms);
    scenario.samples = Between(1, 40);
    scenario.spacing = OneIn(3) ? SampleSpacing::kDenseFirst : SampleSpacing::kEven;
    scenario.cost_model = Costs();
    const int64_t groups = Between(1, 3);
    for (int64_t i = 0; i < groups; ++i) scenario.groups.push_back(Group(i, scenario.duration_ms));
    const int64_t streams = Between(0, 3);
    for (int64_t i = 0; i < streams; ++i) scenario.traffic.push_back(Stream(i, scenario));
    const int64_t policies = Between(1, 3);
    for (int64_t i = 0; i < policies; ++i) scenario.policies.push_back(MakePolicy(i));
    return scenario;
  }

 private:
  int64_t Between(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(random_.Below(static_cast<uint64_t>(most - least) + 1));
  }
  bool OneIn(uint64_t n) { return random_.Below(n) == 0; }

  CostModel Costs() {
    CostModel costs;
    costs.command_us = static_cast<double>(Between(0, 100));
    costs.step_us = static_cast<double>(Between(0, 3'000));
    costs.looked_at_key_us = random_.Unit();
    costs.released_key_us = 100 * random_.Unit();
    if (OneIn(2)) costs.released_kib_us = 200 * random_.Unit();
    costs.idle_share = OneIn(2) ? 0 : 0.1 * random_.Unit();
    return costs;
  }

  KeyGroup Group(int64_t number, TimeMs duration_ms) {
    KeyGroup group;
    group.name = "group" + std::to_string(number);
    group.keys = static_cast<uint64_t>(OneIn(5) ? 0 : Between(1, 2'000));
    group.key_bytes = Uniform{5, 40};
    group.value_bytes = Lognormal{.median = 60, .sigma = 1, .bounds = {.least = 0, .most = 20'000}};
    if (OneIn(4)) {
      group.type = store::ValueType::kHash;
      group.fields = Uniform{1, 60};
    }
    const auto longest_s = static_cast<double>(duration_ms) / 1000;
    if (OneIn(3)) {
      group.expires_in_s = Constant{longest_s * random_.Unit()};
    } else if (!OneIn(4)) {
      group.expires_in_s = Uniform{0, 1.3 * longest_s};
    }
    if (OneIn(4)) group.no_deadline_share = random_.Unit();
    return group;
  }

  TrafficStream Stream(int64_t number, const Scenario& scenario) {
    TrafficStream stream;
    stream.name = "stream" + std::to_string(number);
    stream.group = random_.Below(scenario.groups.size());
    stream.writes_new_keys = scenario.groups[stream.group].keys == 0 || OneIn(3);
    stream.rate.per_second = static_cast<double>(Between(1, 100));
    if (OneIn(4)) stream.rate.ends_ms = Between(0, scenario.duration_ms);
    if (OneIn(4)) {
      stream.rate.bursts = Bursts{.first_ms = Between(0, scenario.duration_ms),
                                  .every_ms = Between(0, 9'000),
                                  .lasting_ms = Between(1, 3'000),
                                  .times = 5};
    }
    stream.read_share = OneIn(4) ? 0 : random_.Unit();
    if (OneIn(2)) stream.zipf_exponent = 0.9;
    stream.read_extends_deadline = OneIn(3);
    if (OneIn(3)) stream.fill_after_ms = Between(0, 2'000);
    return stream;
  }

  Policy MakePolicy(int64_t number) {
    Policy policy;
    policy.name = "policy" + std::to_string(number);
    policy.label = policy.name;
    policy.release_on_access = !OneIn(3);
    if (OneIn(8)) {
      policy.ideal = true;
      return policy;
    }
    if (OneIn(2)) {
      policy.natural_deletion = NaturalDeletionPlan{
          .dcs = OneIn(2), .tuning = {.hz = Between(1, 100), .effort = Between(1, 10)}};
    }
    if (OneIn(3)) {
      policy.manual_scan = ManualScanPlan{{.step_interval_ms = Between(1, 50),
                                           .keys_per_step = Between(1, 200),
                                           .timeout_ms = Between(500, 90'000)}};
    }
    if (OneIn(3)) {
      policy.auto_scan = AutoScanPlan{.first_ms = Between(0, 5'000),
                                      .interval_s = Between(0, 20),
                                      .timeout_s = Between(1, 60),
                                      .keys_per_step = Between(1, 500),
                                      .step_interval_ms = Between(1, 20)};
    }
    if (OneIn(4)) {
      policy.fast_sweep = FastSweepPlan{.first_ms = Between(0, 9'000),
                                        .every_ms = OneIn(3) ? 0 : Between(200, 9'000)};
    }
    if (OneIn(4)) {
      policy.client_scan = ClientScanPlan{.starts_ms = Between(0, 9'000),
                                          .count = Between(1, 300),
                                          .pause_ms = Between(1, 100),
                                          .repeat = OneIn(2)};
    }
    return policy;
  }

  Random random_;
};

}  // namespace dcs::simulate
