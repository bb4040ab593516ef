#include "tools/simulate/report_json.h"

#include <cmath>
#include <optional>
#include <string_view>

namespace dcs::simulate {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kCostModelNote =
    "One thread does one thing after the other: a command takes command_us, a scan's step step_us, "
    "a key looked at looked_at_key_us, a key released released_key_us and released_kib_us for each "
    "KiB of it; idle_share is spent on nothing. The defaults come near to the CPU shares that the "
    "service's documentation gives for its reference test.";

double Round(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const double scale = std::pow(10.0, 5 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

void Put(Json& json, const char* name, const std::optional<double>& value) {
  if (value) json[name] = Round(*value);
}

Json ToJson(const Levels& levels) {
  return {{"mean", Round(levels.mean)},
          {"p99", Round(levels.p99)},
          {"peak", Round(levels.peak)},
          {"end", Round(levels.end)}};
}

Json ToJson(const CostModel& costs) {
  return {{"command_us", costs.command_us},
          {"step_us", costs.step_us},
          {"looked_at_key_us", costs.looked_at_key_us},
          {"released_key_us", costs.released_key_us},
          {"released_kib_us", costs.released_kib_us},
          {"idle_share", costs.idle_share}};
}

Json ToJson(const ScanTotals& scan) {
  return {{"duration_seconds", static_cast<double>(scan.duration_ms) / 1000},
          {"steps", scan.steps},
          {"visited", scan.visited},
          {"released", scan.released},
          {"scans", scan.scans},
          {"failed", scan.failed},
          {"skipped", scan.skipped}};
}

Json ToJson(const Timeline& timeline) {
  Json cpu = Json::array();
  for (const double share : timeline.cpu_share) cpu.push_back(Round(share));
  return {{"t_ms", timeline.t_ms},
          {"keys", timeline.keys},
          {"stale_keys", timeline.stale_keys},
          {"stale_bytes", timeline.stale_bytes},
          {"used_bytes", timeline.used_bytes},
          {"released", timeline.released},
          {"cpu_share", cpu}};
}

Json ToJson(const PolicyReport& policy) {
  Json json = {{"name", policy.name}, {"label", policy.label}, {"completed", policy.completed}};
  const bool begun = !policy.timeline.t_ms.empty();
  if (begun) {
    json["ended_at_seconds"] = policy.ended_at_seconds;
    if (policy.scan) json["scan"] = ToJson(*policy.scan);
    Json marks = Json::object();
    Put(marks, "p50", policy.release_seconds.p50);
    Put(marks, "p90", policy.release_seconds.p90);
    Put(marks, "p99", policy.release_seconds.p99);
    Put(marks, "p100", policy.release_seconds.p100);
    if (!marks.empty()) json["release_seconds"] = marks;
    json["stale_keys"] = ToJson(policy.stale_keys);
    json["stale_bytes"] = ToJson(policy.stale_bytes);
    json["used_bytes"] = ToJson(policy.used_bytes);
    json["released"] = {{"keys", policy.released()},
                        {"on_access", policy.released_on_access},
                        {"natural_deletion", policy.released_naturally},
                        {"scans", policy.released_by_scans}};
    json["steps"] = policy.steps;
    json["looked_at"] = policy.looked_at;
    if (policy.released() > 0) {
      json["looked_at_per_released"] =
          Round(static_cast<double>(policy.looked_at) / static_cast<double>(policy.released()));
    }
    Put(json, "mean_delay_seconds", policy.mean_delay_seconds);
    json["cpu_share"] = {{"mean", Round(policy.cpu_share.mean)},
                         {"reclamation", Round(policy.cpu_share.reclamation)},
                         {"peak", Round(policy.cpu_share.peak)}};
  }
  if (policy.published) {
    Json published = Json::object();
    Put(published, "seconds", policy.published->seconds);
    Put(published, "keys_per_second", policy.published->keys_per_second);
    Put(published, "cpu_share", policy.published->cpu_share);
    json["published"] = published;
  }
  json["timeline"] = ToJson(policy.timeline);
  return json;
}

Json MeasuredOf(const Report& report) {
  Json policies = Json::array();
  for (const PolicyReport& policy : report.policies) {
    Json json = {{"name", policy.name},
                 {"load_seconds", Round(policy.measured.load_seconds)},
                 {"run_seconds", Round(policy.measured.run_seconds)},
                 {"reclamation_cpu_seconds", Round(policy.measured.reclamation_cpu_seconds)}};
    if (policy.released() > 0) {
      json["reclamation_ns_per_released_key"] = Round(policy.measured.reclamation_cpu_seconds *
                                                      1e9 / static_cast<double>(policy.released()));
    }
    policies.push_back(json);
  }
  return {{"seconds", Round(report.measured.seconds)},
          {"cpu_seconds", Round(report.measured.cpu_seconds)},
          {"peak_resident_bytes", report.measured.peak_resident_bytes},
          {"threads", report.measured.threads},
          {"policies", policies}};
}

}  // namespace

Json ToJson(const Report& report) {
  Json load = Json::array();
  for (const LoadReport& group : report.load) {
    load.push_back({{"name", group.name},
                    {"type", group.type},
                    {"keys", group.keys},
                    {"keys_with_deadline", group.keys_with_deadline},
                    {"key_bytes", group.key_bytes},
                    {"value_bytes", group.value_bytes}});
  }
  Json policies = Json::array();
  for (const PolicyReport& policy : report.policies) policies.push_back(ToJson(policy));
  return {{"scenario", report.scenario},
          {"title", report.title},
          {"description", report.description},
          {"seed", report.seed},
          {"partial", report.partial},
          {"settings",
           {{"duration_seconds", report.duration_seconds},
            {"reclamation_starts_seconds", report.reclamation_starts_seconds},
            {"samples", report.samples},
            {"cost_model", ToJson(report.cost_model)},
            {"cost_model_note", kCostModelNote}}},
          {"load", load},
          {"policies", policies},
          {"conclusion", report.conclusion},
          {"measured", MeasuredOf(report)}};
}

}  // namespace dcs::simulate
