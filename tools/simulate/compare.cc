#include "tools/simulate/compare.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "api/printable.h"
#include "tools/terminal.h"

namespace dcs::simulate {
namespace {

using nlohmann::json;

constexpr int kDeepest = 32;
constexpr std::string_view kDash = "-";

// ---- Reading ------------------------------------------------------------------------------------

// The value at a JSON pointer, such as "/stale_bytes/mean"; nullptr if there is none.
const json* At(const json& from, const char* path) {
  const json::json_pointer pointer(path);
  return from.contains(pointer) ? &from[pointer] : nullptr;
}
const json* Member(const json& object, const std::string& name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : &*member;
}

std::string TextAt(const json& from, const char* path) {
  const json* const at = At(from, path);
  return at != nullptr && at->is_string() ? api::Printable(at->get<std::string>()) : "";
}

std::optional<double> NumberAt(const json& from, const char* path) {
  const json* const at = At(from, path);
  if (at == nullptr || !at->is_number()) return std::nullopt;
  return at->get<double>();
}

const json* FindPolicy(const json& report, const std::string& name) {
  for (const json& policy : report.at("policies")) {
    if (policy.at("name") == name) return &policy;
  }
  return nullptr;
}

// Older reports only tell whether a policy completed.
std::string StateOf(const json& policy) {
  if (std::string state = TextAt(policy, "/state"); !state.empty()) return state;
  const json* const completed = At(policy, "/completed");
  if (completed == nullptr || !completed->is_boolean()) return "";
  if (completed->get<bool>()) return "completed";
  return At(policy, "/stale_bytes") == nullptr ? "not run" : "stopped";
}

// ---- Figures ------------------------------------------------------------------------------------

enum class Unit : uint8_t { kBytes, kCount, kSeconds, kMicroseconds, kShare, kRatio };

std::string NameOf(Unit unit) {
  constexpr const char* kNames[] = {"bytes", "", "seconds", "microseconds", "share", ""};
  return kNames[static_cast<size_t>(unit)];
}

std::string Format(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

std::string Seconds(double seconds) {
  if (std::abs(seconds) < 60) return Format("%.3g s", seconds);
  return Format("%.2f min", seconds / 60);
}

std::string Shown(double value, Unit unit) {
  switch (unit) {
    case Unit::kBytes:
      return tools::HumanBytes(value);
    case Unit::kCount:
      if (std::abs(value) >= 1e15 || value < 0) return Format("%.6g", value);
      return tools::WithCommas(static_cast<unsigned long long>(std::llround(value)));
    case Unit::kSeconds:
      return Seconds(value);
    case Unit::kMicroseconds:
      return std::abs(value) < 1000 ? Format("%.3g us", value) : Format("%.2f ms", value / 1000);
    case Unit::kShare:
      return Format("%.3g %%", value * 100);
    case Unit::kRatio:
      return Format("%.3g", value);
  }
  return "";
}

std::string Shown(const std::optional<double>& value, Unit unit) {
  return value ? Shown(*value, unit) : std::string(kDash);
}

// The change from A to B: in percent, or as a difference if a percentage is meaningless.
std::string Change(double a, double b, Unit unit) {
  if (a == b) return "same";
  const char* const sign = b > a ? "+" : "-";
  if (unit == Unit::kShare) return sign + Format("%.3g points", std::abs(b - a) * 100);
  if (a == 0) return sign + Shown(std::abs(b), unit);
  const double percent = std::abs(b - a) / std::abs(a) * 100;
  if (percent < 0.05) return sign + std::string("<0.05 %");
  return sign + Format(percent < 1000 ? "%.1f %%" : "%.3g %%", percent);
}

struct Figure {
  const char* name;
  Unit unit;
  const char* path;
};

constexpr Figure kFigures[] = {
    {"stale memory, mean", Unit::kBytes, "/stale_bytes/mean"},
    {"stale memory, p99", Unit::kBytes, "/stale_bytes/p99"},
    {"stale memory, peak", Unit::kBytes, "/stale_bytes/peak"},
    {"stale memory, end", Unit::kBytes, "/stale_bytes/end"},
    {"used memory, peak", Unit::kBytes, "/used_bytes/peak"},
    {"held memory, peak", Unit::kBytes, "/held_bytes/peak"},
    {"held memory, end", Unit::kBytes, "/held_bytes/end"},
    {"keys expired", Unit::kCount, "/expired"},
    {"keys released", Unit::kCount, "/released/keys"},
    {"50 % released after", Unit::kSeconds, "/release_seconds/p50"},
    {"90 % released after", Unit::kSeconds, "/release_seconds/p90"},
    {"99 % released after", Unit::kSeconds, "/release_seconds/p99"},
    {"100 % released after", Unit::kSeconds, "/release_seconds/p100"},
    {"deadline to release, mean", Unit::kSeconds, "/mean_delay_seconds"},
    {"scans started", Unit::kCount, "/scan/scans"},
    {"scans failed", Unit::kCount, "/scan/failed"},
    {"looked at a released key", Unit::kRatio, "/looked_at_per_released"},
    {"CPU, mean", Unit::kShare, "/cpu_share/mean"},
    {"CPU, peak", Unit::kShare, "/cpu_share/peak"},
    {"CPU for reclamation", Unit::kShare, "/cpu_share/reclamation"},
    {"CPU while reclaiming", Unit::kShare, "/cpu_share/while_reclaiming"},
    {"hits", Unit::kCount, "/traffic/hits"},
    {"misses", Unit::kCount, "/traffic/misses"},
    {"command delay, p50", Unit::kMicroseconds, "/traffic/delay_us/p50"},
    {"command delay, p99", Unit::kMicroseconds, "/traffic/delay_us/p99"},
    {"command delay, p99.9", Unit::kMicroseconds, "/traffic/delay_us/p999"},
    {"command delay, longest", Unit::kMicroseconds, "/traffic/delay_us/max"},
};

std::string GoalOf(const json& policy) {
  const json* const met = At(policy, "/goal/met");
  if (met == nullptr || !met->is_boolean()) return std::string(kDash);
  return met->get<bool>() ? "met" : "missed";
}

ComparedPolicy ComparePolicies(const json& a, const json& b) {
  ComparedPolicy compared{.name = TextAt(a, "/name"),
                          .label = TextAt(a, "/label"),
                          .state_a = StateOf(a),
                          .state_b = StateOf(b),
                          .figures = {}};
  for (const Figure& figure : kFigures) {
    const std::optional<double> in_a =
        compared.state_a == "not run" ? std::nullopt : NumberAt(a, figure.path);
    const std::optional<double> in_b =
        compared.state_b == "not run" ? std::nullopt : NumberAt(b, figure.path);
    if (!in_a && !in_b) continue;
    compared.figures.push_back(
        {.name = figure.name,
         .unit = NameOf(figure.unit),
         .a = Shown(in_a, figure.unit),
         .b = Shown(in_b, figure.unit),
         .change = in_a && in_b ? Change(*in_a, *in_b, figure.unit) : std::string(kDash),
         .number_a = in_a,
         .number_b = in_b});
  }
  const std::string goal_a = GoalOf(a), goal_b = GoalOf(b);
  if (goal_a != kDash || goal_b != kDash) {
    const bool both = goal_a != kDash && goal_b != kDash;
    compared.figures.push_back({.name = "goal",
                                .unit = "",
                                .a = goal_a,
                                .b = goal_b,
                                .change = !both              ? "-"
                                          : goal_a == goal_b ? "same"
                                                             : "changed"});
  }
  return compared;
}

// ---- Differences -------------------------------------------------------------------------------

std::string Found(const json* value) {
  if (value == nullptr) return "absent";
  return api::Printable(value->dump(-1, ' ', false, json::error_handler_t::replace), 80);
}

// Adds a note for each leaf that differs: "settings.samples: 240 and 120".
void NoteDifferences(const std::string& path, const json* a, const json* b,
                     std::vector<std::string>& notes) {
  constexpr size_t kMostNotes = 40;
  if (notes.size() >= kMostNotes) return;
  if (a != nullptr && b != nullptr && *a == *b) return;
  const bool objects = a != nullptr && b != nullptr && a->is_object() && b->is_object();
  const bool arrays = a != nullptr && b != nullptr && a->is_array() && b->is_array();
  if (objects) {
    std::set<std::string> names;
    for (const json* object : {a, b}) {
      for (const auto& [name, unused] : object->items()) names.insert(name);
    }
    for (const std::string& name : names) {
      if (name == "cost_model_note") continue;  // a text, not a setting
      NoteDifferences(path + "." + api::Printable(name), Member(*a, name), Member(*b, name), notes);
    }
  } else if (arrays) {
    for (size_t i = 0; i < std::max(a->size(), b->size()); ++i) {
      NoteDifferences(path + "[" + std::to_string(i) + "]", i < a->size() ? &(*a)[i] : nullptr,
                      i < b->size() ? &(*b)[i] : nullptr, notes);
    }
  } else {
    notes.push_back(path + ": " + Found(a) + " and " + Found(b));
  }
}

std::string Describe(const json& report, std::string_view file) {
  std::string text = api::Printable(file) + ": " + TextAt(report, "/scenario");
  if (const json* const seed = At(report, "/seed")) text += ", seed " + Found(seed);
  if (const auto seconds = NumberAt(report, "/settings/duration_seconds")) {
    text += ", " + Format("%g", *seconds) + " virtual seconds";
  }
  return text;
}

void NoteIfPartial(const char* which, const json& report, std::vector<std::string>& notes) {
  const json* const partial = At(report, "/partial");
  if (partial == nullptr || !partial->is_boolean() || !partial->get<bool>()) return;
  notes.push_back(std::string(which) + " is partial: its run was stopped");
}

std::vector<std::string> OnlyIn(const json& report, const json& other) {
  std::vector<std::string> names;
  for (const json& policy : report.at("policies")) {
    if (FindPolicy(other, policy.at("name")) == nullptr) names.push_back(TextAt(policy, "/name"));
  }
  return names;
}

}  // namespace

absl::StatusOr<json> ParseReport(std::string_view text) {
  const auto wrong = [](const std::string& why) {
    return absl::InvalidArgumentError("not a report of dcs-sim simulate: " + why);
  };
  bool too_deep = false;
  // Skips the timelines, which are most of the file.
  const auto keep = [&](int depth, json::parse_event_t event, json& parsed) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep && (event != json::parse_event_t::key || parsed != "timeline");
  };
  json report;
  try {
    report = json::parse(text, keep);
  } catch (const json::exception&) {
    return wrong("it is not JSON");
  }
  if (too_deep) return wrong("it is nested more than " + std::to_string(kDeepest) + " deep");
  if (!report.is_object()) return wrong("it is not a JSON object");
  if (TextAt(report, "/scenario").empty()) return wrong("it names no scenario");
  const json* const policies = At(report, "/policies");
  if (policies == nullptr || !policies->is_array()) return wrong("it has no policies");
  for (const json& policy : *policies) {
    if (TextAt(policy, "/name").empty()) return wrong("a policy has no name");
  }
  return report;
}

Comparison Compare(const json& a, std::string_view file_a, const json& b, std::string_view file_b) {
  Comparison comparison;
  comparison.a = Describe(a, file_a);
  comparison.b = Describe(b, file_b);
  for (const char* name : {"scenario", "seed", "settings", "load"}) {
    NoteDifferences(name, Member(a, name), Member(b, name), comparison.notes);
  }
  NoteIfPartial("A", a, comparison.notes);
  NoteIfPartial("B", b, comparison.notes);
  std::set<std::string> seen;
  for (const json& policy : a.at("policies")) {
    const json* const other = FindPolicy(b, policy.at("name"));
    if (other == nullptr || !seen.insert(policy.at("name")).second) continue;
    comparison.policies.push_back(ComparePolicies(policy, *other));
  }
  comparison.only_in_a = OnlyIn(a, b);
  comparison.only_in_b = OnlyIn(b, a);
  return comparison;
}

}  // namespace dcs::simulate
