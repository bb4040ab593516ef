#include "tools/simulate/scenario_checks.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "api/printable.h"
#include "tools/simulate/memory_estimate.h"
#include "tools/simulate/traffic.h"
#include "tools/terminal.h"

namespace dcs::simulate {
namespace {

using nlohmann::json;

constexpr double kMiB = 1 << 20;
// Some minutes of work for one policy.
constexpr double kMostCommands = 2e8;
constexpr double kMostEvents = 1e9;

absl::Status Wrong(const std::string& path, const std::string& found, const std::string& expected) {
  return absl::InvalidArgumentError(path + ": " + found + "; expected " + expected);
}

std::string Number(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.10g", value);
  return text;
}

// ---- Distributions ------------------------------------------------------------------------------

absl::Status CheckDistribution(const std::string& path, const json& given) {
  if (!given.is_object()) return absl::OkStatus();
  const std::string kind = given.items().begin().key();
  const json& of = given.items().begin().value();
  if (kind == "uniform" && of[0] > of[1]) {
    return Wrong(path + ".uniform", of.dump(), "[from, to] with from at most to");
  }
  if (of.is_object() && of.value("min", 0.0) > of.at("max").get<double>()) {
    return Wrong(path + "." + kind + ".min", of["min"].dump(),
                 "at most max, " + of.at("max").dump());
  }
  return absl::OkStatus();
}

// ---- Names --------------------------------------------------------------------------------------

absl::Status CheckUnique(const json& scenario, const char* array) {
  std::set<std::string> seen;
  const json named = scenario.value(array, json::array());
  for (size_t i = 0; i < named.size(); ++i) {
    const std::string name = named[i].at("name");
    if (seen.insert(name).second) continue;
    return Wrong(std::string(array) + "[" + std::to_string(i) + "].name", "\"" + name + "\" again",
                 "another name");
  }
  return absl::OkStatus();
}

// ---- Values -------------------------------------------------------------------------------------

// Checks text that the terminal, report.md and plots show on one line.
absl::Status CheckLine(const std::string& path, const json& value) {
  const auto& text = value.get_ref<const std::string&>();
  // Printable leaves the text unchanged if it has no control characters.
  if (api::Printable(text, text.size()) == text) return absl::OkStatus();
  return Wrong(path, "\"" + api::Printable(text, 60) + "\"", "one line without control characters");
}

// ---- Amounts ------------------------------------------------------------------------------------

absl::Status TooMuch(const std::string& path, const std::string& what, double bytes,
                     double limit_bytes) {
  return Wrong(path, what + " " + tools::HumanBytes(bytes),
               "no more than memory_limit_mib, " + tools::HumanBytes(limit_bytes));
}

absl::Status CheckGroup(const std::string& path, const KeyGroup& group, double limit_bytes) {
  constexpr double kMostKeyBytes = 1 << 16;
  constexpr double kMostValueBytes = 64 * kMiB;
  if (Most(group.key_bytes) > kMostKeyBytes) {
    return Wrong(path + "key_bytes", "up to " + tools::HumanBytes(Most(group.key_bytes)),
                 "at most 64 KiB");
  }
  if (Most(group.value_bytes) > kMostValueBytes) {
    return Wrong(path + "value_bytes", "up to " + tools::HumanBytes(Most(group.value_bytes)),
                 "at most 64 MiB");
  }
  const bool hash = group.type == store::ValueType::kHash;
  const double largest = LargestKeyBytes(group);
  if (largest > limit_bytes) {
    return TooMuch(path + (hash ? "fields" : "value_bytes"),
                   hash ? "a key with up to " + Number(Most(group.fields)) + " fields may hold"
                        : "a key may hold",
                   largest, limit_bytes);
  }
  if (const double bytes = LoadBytes(group); bytes > limit_bytes) {
    return TooMuch(
        path + "keys",
        std::to_string(group.keys) + " keys of up to " + tools::HumanBytes(largest) + " may hold",
        bytes, limit_bytes);
  }
  return absl::OkStatus();
}

absl::Status CheckStream(const std::string& path, const Scenario& scenario,
                         const TrafficStream& stream) {
  const TrafficEstimate estimate = EstimateTraffic(stream, scenario.duration_ms);
  if (estimate.commands > kMostCommands) {
    return Wrong(path + "commands_per_second",
                 "about " + Number(estimate.commands) + " commands in all",
                 "at most " + Number(kMostCommands) + " in duration_s");
  }
  if (scenario.groups[stream.group].keys == 0 && !stream.writes_new_keys) {
    return Wrong(path + "keys_of", "\"" + scenario.groups[stream.group].name + "\" has no keys",
                 "a group with keys, or writes \"new\"");
  }
  if (const double bytes = TrafficBytes(scenario, stream); bytes > scenario.memory_limit_bytes) {
    return TooMuch(path + "commands_per_second", "what clients write may add", bytes,
                   scenario.memory_limit_bytes);
  }
  return absl::OkStatus();
}

// An upper bound of the events of a policy.
double EventsOf(const Policy& policy, TimeMs duration_ms) {
  const auto duration = static_cast<double>(duration_ms);
  double events = 0;
  const auto each = [&](double interval_ms) { events += duration / std::max(interval_ms, 1.0); };
  if (policy.natural_deletion) {
    each(1000 / static_cast<double>(policy.natural_deletion->tuning.hz));
  }
  if (policy.client_scan) each(static_cast<double>(policy.client_scan->pause_ms));
  if (policy.fast_sweep && policy.fast_sweep->every_ms > 0) {
    // A sweep visits every key.
    each(static_cast<double>(policy.fast_sweep->every_ms) / 100);
  }
  return events;
}

absl::Status CheckPolicy(const std::string& path, const Policy& policy, TimeMs duration_ms) {
  if (const double events = EventsOf(policy, duration_ms); events > kMostEvents) {
    return Wrong(path, "about " + Number(events) + " cycles, steps and sweeps",
                 "at most " + Number(kMostEvents) + " in duration_s");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckDistributions(const json& scenario) {
  const json& load = scenario.at("load");
  for (size_t i = 0; i < load.size(); ++i) {
    for (const char* name : {"key_bytes", "value_bytes", "fields", "expires_in_s"}) {
      if (!load[i].contains(name)) continue;
      const std::string path = "load[" + std::to_string(i) + "]." + name;
      if (absl::Status checked = CheckDistribution(path, load[i][name]); !checked.ok()) {
        return checked;
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckValues(const json& scenario) {
  if (const auto seed = scenario.find("seed");
      seed != scenario.end() && !seed->is_number_integer()) {
    // The parser turns a number of more than 64 bits into floating point.
    return Wrong("seed", seed->dump(), "a whole number from 0 to 18446744073709551615");
  }
  if (scenario.contains("title")) {
    if (absl::Status checked = CheckLine("title", scenario["title"]); !checked.ok()) {
      return checked;
    }
  }
  const json& policies = scenario.at("policies");
  for (size_t i = 0; i < policies.size(); ++i) {
    if (!policies[i].contains("label")) continue;
    const std::string path = "policies[" + std::to_string(i) + "].label";
    if (absl::Status checked = CheckLine(path, policies[i]["label"]); !checked.ok()) {
      return checked;
    }
  }
  return absl::OkStatus();
}

absl::Status CheckNames(const json& scenario) {
  for (const char* array : {"load", "traffic", "policies"}) {
    if (absl::Status checked = CheckUnique(scenario, array); !checked.ok()) return checked;
  }
  std::set<std::string> groups;
  std::string listed;
  for (const json& group : scenario.at("load")) {
    const std::string name = group.at("name");
    groups.insert(name);
    listed += (listed.empty() ? "" : ", ") + name;
  }
  const json traffic = scenario.value("traffic", json::array());
  for (size_t i = 0; i < traffic.size(); ++i) {
    const std::string name = traffic[i].at("keys_of");
    if (groups.contains(name)) continue;
    return Wrong("traffic[" + std::to_string(i) + "].keys_of", "\"" + name + "\"",
                 "a group of load: " + listed);
  }
  return absl::OkStatus();
}

absl::Status CheckScenario(const Scenario& scenario) {
  if (scenario.reclamation_starts_ms > scenario.duration_ms) {
    return Wrong("reclamation_starts_s", "after the end",
                 "at most " + std::to_string(scenario.duration_ms / 1000) + " (duration_s)");
  }
  for (size_t i = 0; i < scenario.groups.size(); ++i) {
    const std::string path = "load[" + std::to_string(i) + "].";
    if (absl::Status checked = CheckGroup(path, scenario.groups[i], scenario.memory_limit_bytes);
        !checked.ok()) {
      return checked;
    }
  }
  for (size_t i = 0; i < scenario.traffic.size(); ++i) {
    const std::string path = "traffic[" + std::to_string(i) + "].";
    if (absl::Status checked = CheckStream(path, scenario, scenario.traffic[i]); !checked.ok()) {
      return checked;
    }
  }
  if (const double bytes = RunBytes(scenario); bytes > scenario.memory_limit_bytes) {
    return TooMuch(scenario.traffic.empty() ? "load" : "load and traffic",
                   "one policy's run may hold", bytes, scenario.memory_limit_bytes);
  }
  if (const double bytes = ReportBytes(scenario); bytes > scenario.memory_limit_bytes) {
    return TooMuch("samples", "those of all policies, two for each fast sweep, may hold", bytes,
                   scenario.memory_limit_bytes);
  }
  for (size_t i = 0; i < scenario.policies.size(); ++i) {
    const std::string path = "policies[" + std::to_string(i) + "]";
    if (absl::Status checked = CheckPolicy(path, scenario.policies[i], scenario.duration_ms);
        !checked.ok()) {
      return checked;
    }
  }
  return absl::OkStatus();
}

}  // namespace dcs::simulate
