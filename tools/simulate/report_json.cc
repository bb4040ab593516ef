#include "tools/simulate/report_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <type_traits>

#include "tools/simulate/published_fit.h"

namespace dcs::simulate {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kCostModelNote =
    "The node has one thread, which does one thing at a time. A command takes command_us, a scan's "
    "step "
    "step_us, a key looked at looked_at_key_us, a released key released_key_us and released_kib_us "
    "for "
    "each KiB of it. A fast sweep takes step_us, and swept_key_us and released_kib_us for what it "
    "releases. idle_share is spent even if nothing is to do. The defaults are fitted to the CPU "
    "shares "
    "that the service's documentation publishes for its reference test.";

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
          {"swept_key_us", costs.swept_key_us},
          {"idle_share", costs.idle_share}};
}

Json ToJson(const ScanTotals& scan) {
  return {{"duration_seconds", static_cast<double>(scan.duration_ms) / 1000},
          {"ended", scan.ended},
          {"steps", scan.steps},
          {"visited", scan.visited},
          {"released", scan.released},
          {"scans", scan.scans},
          {"failed", scan.failed},
          {"skipped", scan.skipped}};
}

Json ToJson(const TrafficCounts& counts) {
  return {{"commands", counts.commands()},
          {"reads", counts.reads},
          {"writes", counts.writes},
          {"hits", counts.hits},
          {"misses", counts.misses},
          {"fills", counts.fills},
          {"most_waiting", counts.most_waiting}};
}

Json ToJson(const TrafficReport& traffic, const std::vector<TrafficStream>& plans) {
  Json json = ToJson(traffic.counts);
  json["delay_us"] = {{"mean", Round(traffic.delay.mean_us)},
                      {"p50", Round(traffic.delay.p50_us)},
                      {"p99", Round(traffic.delay.p99_us)},
                      {"p999", Round(traffic.delay.p999_us)},
                      {"max", Round(traffic.delay.longest_us)}};
  json["streams"] = Json::array();
  for (size_t i = 0; i < plans.size(); ++i) {
    Json stream = {{"name", plans[i].name}};
    stream.update(ToJson(traffic.streams[i]));
    json["streams"].push_back(stream);
  }
  return json;
}

Json ToJson(const std::vector<TrafficStream>& traffic, const std::vector<LoadReport>& load) {
  Json streams = Json::array();
  for (const TrafficStream& stream : traffic) {
    Json json = {{"name", stream.name},
                 {"keys_of", load[stream.group].name},
                 {"commands_per_second", Round(stream.rate.per_second)},
                 {"read_share", Round(stream.read_share)}};
    Put(json, "zipf_exponent", stream.zipf_exponent);
    json["writes"] = stream.writes_new_keys ? "new" : "existing";
    if (stream.read_extends_deadline) json["read_extends_deadline"] = true;
    if (stream.fill_after_ms) {
      json["fill_after_seconds"] = static_cast<double>(*stream.fill_after_ms) / 1000;
    }
    streams.push_back(json);
  }
  return streams;
}

Json ToJson(const Goal& goal) {
  Json json = Json::object();
  Put(json, "stale_bytes_at_most", goal.stale_bytes_at_most);
  Put(json, "cpu_share_at_most", goal.cpu_share_at_most);
  Put(json, "delay_p99_us_at_most", goal.delay_p99_us_at_most);
  return json;
}

Json ToJson(const PublishedFit& fit) {
  Json rows = Json::array();
  for (const FitRow& row : fit.rows) {
    Json& json = rows.emplace_back(Json{{"label", row.label},
                                        {"published", Round(row.published)},
                                        {"simulated", Round(row.simulated)}});
    Put(json, "error", row.error);
  }
  return {{"note", fit.note}, {"rows", rows}};
}

Json Rounded(const std::vector<double>& values) {
  Json rounded = Json::array();
  for (const double value : values) rounded.push_back(Round(value));
  return rounded;
}

Json ToJson(const Timeline& timeline) {
  Json json = {{"t_ms", timeline.t_ms},
               {"keys", timeline.keys},
               {"stale_keys", timeline.stale_keys},
               {"stale_bytes", timeline.stale_bytes},
               {"used_bytes", timeline.used_bytes},
               {"held_bytes", timeline.held_bytes},
               {"released", timeline.released},
               {"cpu_share", Rounded(timeline.cpu_share)},
               {"reclamation_share", Rounded(timeline.reclamation_share)}};
  if (!timeline.commands_per_second.empty()) {
    json["commands_per_second"] = Rounded(timeline.commands_per_second);
    json["misses_per_second"] = Rounded(timeline.misses_per_second);
    json["delay_p99_us"] = Rounded(timeline.delay_p99_us);
  }
  return json;
}

Json Figures(const auto& by_cause) {
  Json json = Json::object();
  for (size_t i = 0; i < kCauses; ++i) {
    Json& figure = json[NameOf(static_cast<Cause>(i))];
    if constexpr (std::is_floating_point_v<std::decay_t<decltype(by_cause.of[i])>>) {
      figure = Round(by_cause.of[i]);
    } else {
      figure = by_cause.of[i];
    }
  }
  return json;
}

Json ToJson(const std::vector<Marker>& markers) {
  Json list = Json::array();
  for (const Marker& marker : markers) {
    Json& json = list.emplace_back(Json{{"at_ms", marker.at_ms}});
    if (marker.until_ms) json["until_ms"] = *marker.until_ms;
    json["text"] = marker.text;
  }
  return list;
}

Json ToJson(const PolicyReport& policy, const std::vector<TrafficStream>& traffic) {
  Json json = {{"name", policy.name},
               {"label", policy.label},
               {"ideal", policy.ideal},
               {"state", !policy.has_run()  ? "not run"
                         : policy.completed ? "completed"
                                            : "stopped"},
               {"completed", policy.completed}};
  if (policy.has_run()) {
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
    json["held_bytes"] = ToJson(policy.held_bytes);
    json["expired"] = policy.expired;
    json["made"] = policy.made;
    json["replaced"] = policy.replaced;
    json["released"] = {{"keys", policy.released()}};
    json["released"].update(Figures(policy.released_keys));
    json["released_bytes"] = Figures(policy.released_bytes);
    json["work_seconds"] = Figures(policy.work_seconds);
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
    Put(json["cpu_share"], "while_reclaiming", policy.cpu_share.while_reclaiming);
    if (policy.traffic) json["traffic"] = ToJson(*policy.traffic, traffic);
    if (policy.goal) json["goal"] = {{"met", policy.goal->met}, {"why", policy.goal->why}};
  }
  if (policy.published) {
    Json published = Json::object();
    Put(published, "seconds", policy.published->seconds);
    Put(published, "keys_per_second", policy.published->keys_per_second);
    Put(published, "cpu_share", policy.published->cpu_share);
    json["published"] = published;
  }
  json["markers"] = ToJson(policy.markers);
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
  for (const PolicyReport& policy : report.policies)
    policies.push_back(ToJson(policy, report.traffic));
  Json settings = {{"duration_seconds", report.duration_seconds},
                   {"reclamation_starts_seconds", report.reclamation_starts_seconds},
                   {"samples", report.samples},
                   {"cost_model", ToJson(report.cost_model)},
                   {"cost_model_note", kCostModelNote}};
  if (!report.traffic.empty()) settings["traffic"] = ToJson(report.traffic, report.load);
  if (const std::optional<PublishedFit> fit = FitToPublished(report)) {
    settings["published_fit"] = ToJson(*fit);
  }
  if (report.goal) settings["goal"] = ToJson(*report.goal);
  return {{"scenario", report.scenario},
          {"title", report.title},
          {"description", report.description},
          {"question", report.question},
          {"measure", NameOf(report.measure)},
          {"seed", report.seed},
          {"partial", report.partial},
          {"settings", settings},
          {"load", load},
          {"markers", ToJson(report.markers)},
          {"policies", policies},
          {"conclusion", report.conclusion},
          {"measured", MeasuredOf(report)}};
}

}  // namespace dcs::simulate
