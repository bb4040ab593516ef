#include "tools/simulate/scenario_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tools/simulate/json_path.h"
#include "tools/simulate/scenario_checks.h"
#include "tools/simulate/schema.h"

namespace dcs::simulate {
namespace {

using nlohmann::json;

constexpr int kDeepest = 32;
constexpr double kMiB = 1 << 20;

TimeMs ToMs(double seconds) { return std::llround(seconds * 1000); }

Bounds ReadBounds(const json& from) {
  return {.least = from.value("min", 0.0), .most = from.at("max").get<double>()};
}

Distribution ReadDistribution(const json& from) {
  if (from.is_number()) return Constant{from.get<double>()};
  const std::string kind = from.items().begin().key();
  const json& of = from.items().begin().value();
  if (kind == "uniform") return Uniform{of[0].get<double>(), of[1].get<double>()};
  if (kind == "normal") return Normal{of.at("mean"), of.at("deviation"), ReadBounds(of)};
  if (kind == "lognormal") return Lognormal{of.at("median"), of.at("sigma"), ReadBounds(of)};
  if (kind == "exponential") return Exponential{of.at("mean"), ReadBounds(of)};
  Choice choice;
  for (const json& option : of) choice.options.push_back({option.at("value"), option.at("weight")});
  return choice;
}

KeyGroup ReadGroup(const json& from) {
  KeyGroup group;
  group.name = from.at("name");
  group.keys = from.at("keys");
  group.type =
      from.value("type", "string") == "hash" ? store::ValueType::kHash : store::ValueType::kString;
  if (from.contains("key_bytes")) group.key_bytes = ReadDistribution(from["key_bytes"]);
  if (from.contains("value_bytes")) group.value_bytes = ReadDistribution(from["value_bytes"]);
  if (from.contains("fields")) group.fields = ReadDistribution(from["fields"]);
  if (from.contains("expires_in_s")) group.expires_in_s = ReadDistribution(from["expires_in_s"]);
  group.no_deadline_share = from.value("no_deadline_share", 0.0);
  return group;
}

scanner::Pacing ReadPacing(const json& from) {
  const scanner::Pacing usual;
  return {.step_interval_ms = from.value("step_interval_ms", usual.step_interval_ms),
          .keys_per_step = from.value("keys_per_step", usual.keys_per_step),
          .timeout_ms = from.value("timeout_s", usual.timeout_ms / 1000) * 1000};
}

void ReadMechanisms(const json& from, Policy& policy) {
  if (const auto at = from.find("natural_deletion"); at != from.end()) {
    const scanner::NaturalDeletionTuning usual;
    policy.natural_deletion = {.dcs = at->at("model") == "dcs",
                               .tuning = {.hz = at->value("hz", usual.hz),
                                          .effort = at->value("effort", usual.effort),
                                          .keys = at->value("keys", usual.keys)}};
  }
  if (const auto at = from.find("manual_scan"); at != from.end()) {
    policy.manual_scan = {ReadPacing(*at)};
  }
  if (const auto at = from.find("auto_scan"); at != from.end()) {
    policy.auto_scan = {.first_ms = ToMs(at->value("first_s", 0.0)),
                        .interval_s = at->at("interval_s"),
                        .timeout_s = at->value("timeout_s", int64_t{2880} * 60),
                        .keys_per_step = at->value("keys_per_step", int64_t{50}),
                        .step_interval_ms = at->value("step_interval_ms", int64_t{5})};
  }
  if (const auto at = from.find("fast_sweep"); at != from.end()) {
    policy.fast_sweep = {.first_ms = ToMs(at->value("first_s", 0.0)),
                         .every_ms = ToMs(at->value("every_s", 0.0))};
  }
  if (const auto at = from.find("client_scan"); at != from.end()) {
    policy.client_scan = {.starts_ms = ToMs(at->value("starts_s", 0.0)),
                          .count = at->value("count", int64_t{1000}),
                          .pause_ms = at->value("pause_ms", int64_t{10}),
                          .repeat = at->value("repeat", false)};
  }
}

std::optional<double> ReadNumber(const json& from, const char* name, double unit = 1) {
  if (!from.contains(name)) return std::nullopt;
  return from[name].get<double>() * unit;
}

RatePlan ReadRate(const json& from, TimeMs midnight_ms) {
  RatePlan rate;
  rate.per_second = from.at("commands_per_second");
  rate.hourly = from.value("hourly", std::vector<double>());
  rate.midnight_ms = midnight_ms;
  rate.starts_ms = ToMs(from.value("starts_s", 0.0));
  if (from.contains("ends_s")) rate.ends_ms = ToMs(from["ends_s"]);
  if (const auto at = from.find("bursts"); at != from.end()) {
    rate.bursts = Bursts{.first_ms = ToMs(at->value("first_s", 0.0)),
                         .every_ms = ToMs(at->value("every_s", 0.0)),
                         .lasting_ms = ToMs(at->at("lasting_s")),
                         .times = at->at("times")};
  }
  return rate;
}

// REQUIRES: CheckNames passed.
TrafficStream ReadTraffic(const json& from, const Scenario& scenario, TimeMs midnight_ms) {
  TrafficStream stream;
  stream.name = from.at("name");
  const auto group =
      std::find_if(scenario.groups.begin(), scenario.groups.end(),
                   [&](const KeyGroup& one) { return one.name == from.at("keys_of"); });
  stream.group = static_cast<size_t>(group - scenario.groups.begin());
  stream.rate = ReadRate(from, midnight_ms);
  stream.read_share = from.value("read_share", 1.0);
  stream.zipf_exponent = ReadNumber(from, "zipf_exponent");
  stream.writes_new_keys = from.value("writes", "existing") == "new";
  stream.read_extends_deadline = from.value("read_extends_deadline", false);
  if (from.contains("fill_after_s")) stream.fill_after_ms = ToMs(from["fill_after_s"]);
  return stream;
}

Goal ReadGoal(const json& from) {
  return {.stale_bytes_at_most = ReadNumber(from, "stale_mib_at_most", kMiB),
          .cpu_share_at_most = ReadNumber(from, "cpu_share_at_most"),
          .delay_p99_us_at_most = ReadNumber(from, "delay_p99_ms_at_most", 1000)};
}

Policy ReadPolicy(const json& from) {
  Policy policy;
  policy.name = from.at("name");
  policy.label = from.value("label", policy.name);
  policy.release_on_access = from.value("release_on_access", true);
  policy.ideal = from.value("ideal", false);
  ReadMechanisms(from, policy);
  if (const auto at = from.find("published"); at != from.end()) {
    policy.published = {ReadNumber(*at, "seconds"), ReadNumber(*at, "keys_per_second"),
                        ReadNumber(*at, "cpu_share")};
  }
  return policy;
}

CostModel ReadCosts(const json& from) {
  const CostModel usual;
  return {.command_us = from.value("command_us", usual.command_us),
          .step_us = from.value("step_us", usual.step_us),
          .looked_at_key_us = from.value("looked_at_key_us", usual.looked_at_key_us),
          .released_key_us = from.value("released_key_us", usual.released_key_us),
          .released_kib_us = from.value("released_kib_us", usual.released_kib_us),
          .swept_key_us = from.value("swept_key_us", usual.swept_key_us),
          .idle_share = from.value("idle_share", usual.idle_share)};
}

// The measure that answers the question. REQUIRES: the goal and the policies have been read.
Measure ReadMeasure(const json& from, const Scenario& scenario) {
  if (const auto at = from.find("answered_by"); at != from.end()) {
    return *MeasureNamed(at->get<std::string>());
  }
  if (scenario.goal) return Measure::kGoal;
  const bool published =
      std::any_of(scenario.policies.begin(), scenario.policies.end(),
                  [](const Policy& policy) { return policy.published.has_value(); });
  return published ? Measure::kPublished : Measure::kStaleMemory;
}

// REQUIRES: CheckSchema passed.
Scenario ReadScenario(const json& from) {
  Scenario scenario;
  scenario.name = from.at("name");
  scenario.title = from.value("title", scenario.name);
  scenario.description = from.value("description", "");
  scenario.seed = from.value("seed", uint64_t{1});
  scenario.duration_ms = ToMs(from.at("duration_s"));
  scenario.reclamation_starts_ms = ToMs(from.value("reclamation_starts_s", 0.0));
  scenario.memory_limit_bytes = from.value("memory_limit_mib", 4096.0) * kMiB;
  const json samples = from.value("samples", json::object());
  scenario.samples = samples.value("count", int64_t{240});
  scenario.spacing = samples.value("spacing", "even") == "even" ? SampleSpacing::kEven
                                                                : SampleSpacing::kDenseFirst;
  scenario.cost_model = ReadCosts(from.value("cost_model", json::object()));
  for (const json& group : from.at("load")) scenario.groups.push_back(ReadGroup(group));
  const TimeMs midnight_ms = -ToMs(from.value("starts_at_hour", 0.0) * 3600);
  for (const json& stream : from.value("traffic", json::array())) {
    scenario.traffic.push_back(ReadTraffic(stream, scenario, midnight_ms));
  }
  if (from.contains("goal")) scenario.goal = ReadGoal(from["goal"]);
  for (const json& policy : from.at("policies")) scenario.policies.push_back(ReadPolicy(policy));
  scenario.question = from.value("question", "");
  scenario.measure = ReadMeasure(from, scenario);
  return scenario;
}

absl::StatusOr<json> ParseJson(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  try {
    json parsed = json::parse(text, watch);
    if (too_deep) {
      return absl::InvalidArgumentError("the scenario: nested more than " +
                                        std::to_string(kDeepest) +
                                        " deep; expected a scenario as the schema describes it");
    }
    return parsed;
  } catch (const json::out_of_range&) {
    return absl::InvalidArgumentError(
        "the scenario: a number is too large; expected numbers up to 1.8e308");
  } catch (const json::exception& error) {
    // Drops the library's prefix "[json.exception.parse_error.101] ".
    const std::string_view what = error.what();
    const size_t words = what.find("] ");
    return absl::InvalidArgumentError(
        "the scenario: not JSON in UTF-8: " +
        std::string(what.substr(words == std::string_view::npos ? 0 : words + 2)));
  }
}

}  // namespace

absl::StatusOr<Scenario> ParseScenario(std::string_view text, const ScenarioOverrides& overrides) {
  absl::StatusOr<json> parsed = ParseJson(text);
  if (!parsed.ok()) return parsed.status();
  for (const std::string& set : overrides.set) {
    if (absl::Status applied = ApplySet(*parsed, set); !applied.ok()) return applied;
  }
  if (absl::Status checked = CheckSchema(*parsed); !checked.ok()) return checked;
  if (absl::Status checked = CheckValues(*parsed); !checked.ok()) return checked;
  if (absl::Status checked = CheckDistributions(*parsed); !checked.ok()) return checked;
  if (absl::Status checked = CheckNames(*parsed); !checked.ok()) return checked;
  Scenario scenario = ReadScenario(*parsed);
  if (overrides.seed) scenario.seed = *overrides.seed;
  if (absl::Status checked = CheckScenario(scenario); !checked.ok()) return checked;
  return scenario;
}

}  // namespace dcs::simulate
