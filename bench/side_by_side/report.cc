#include "bench/side_by_side/report.h"

#include <cmath>
#include <cstdio>
#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "bench/side_by_side/statistics.h"

namespace dcs::bench {
namespace {

struct Step {
  double size;
  const char* suffix;
};

constexpr Step kRates[] = {{1e9, "G/s"}, {1e6, "M/s"}, {1e3, "k/s"}, {1, "/s"}};
constexpr Step kTimes[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}};
constexpr Step kSizes[] = {
    {1024. * 1024 * 1024, "GiB"}, {1024. * 1024, "MiB"}, {1024, "KiB"}, {1, "B"}};
constexpr Step kSizesPerKey[] = {{1, "B"}};
constexpr Step kPercents[] = {{1, "%"}};
constexpr Step kTimesAsMuch[] = {{1, "times"}};

struct UnitRow {
  Unit unit;
  const char* name;  // in JSON
  const Step* first;
  const Step* last;  // also the step for smaller values
};

template <size_t n>
constexpr UnitRow Row(Unit unit, const char* name, const Step (&steps)[n]) {
  return {unit, name, steps, steps + n - 1};
}

constexpr UnitRow kUnits[] = {
    Row(Unit::kPerSecond, "per second", kRates),
    Row(Unit::kSeconds, "seconds", kTimes),
    Row(Unit::kBytes, "bytes", kSizes),
    Row(Unit::kBytesPerKey, "bytes a key", kSizesPerKey),
    Row(Unit::kPercent, "percent", kPercents),
    Row(Unit::kTimes, "times", kTimesAsMuch),
};

const UnitRow& RowOf(Unit unit) {
  const UnitRow* row = std::begin(kUnits);
  while (row->unit != unit) ++row;
  return *row;
}

std::string ThreeDigits(double value) {
  const double size = std::abs(value);
  const int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  char text[32];
  std::snprintf(text, sizeof(text), "%.*f", decimals, value);
  return text;
}

std::string Cell(const Measured& measured, Unit unit) {
  if (measured.rounds.empty()) return "-";
  return (measured.at_least ? "over " : "") + FormatValue(Median(measured.rounds), unit);
}

// Whether both medians exist and can be divided.
bool Comparable(const Figure& figure) {
  return Median(figure.sides[kDcsSim].rounds) > 0 && Median(figure.sides[kRival].rounds) > 0;
}

double Ratio(const Figure& figure) {
  return Median(figure.sides[kDcsSim].rounds) / Median(figure.sides[kRival].rounds);
}

std::string Line(const std::string& what, const std::string& dcs_sim, const std::string& rival,
                 const std::string& ratio, const std::string& remark) {
  return "| " + what + " | " + dcs_sim + " | " + rival + " | " + ratio + " | " + remark + " |\n";
}

nlohmann::ordered_json SideJson(const Measured& measured) {
  nlohmann::ordered_json side;
  side["median"] = measured.rounds.empty() ? nlohmann::ordered_json()
                                           : nlohmann::ordered_json(Median(measured.rounds));
  if (measured.at_least) side["at_least"] = true;
  side["rounds"] = measured.rounds;
  return side;
}

}  // namespace

std::string FormatValue(double value, Unit unit) {
  const UnitRow& row = RowOf(unit);
  const Step* step = row.first;
  while (step != row.last && std::abs(value) < step->size) ++step;
  return ThreeDigits(value / step->size) + " " + step->suffix;
}

std::string RatioText(const Figure& figure) {
  if (!Comparable(figure)) return "-";
  const double ratio = Ratio(figure);
  const bool more = ratio >= 1;
  const std::string times = ThreeDigits(more ? ratio : 1 / ratio);
  // If the wait for a side ended early, its true value is larger than measured. Then the ratio is a
  // lower bound if that side is the larger one; otherwise it is unknown.
  const Measured& larger = more ? figure.sides[kDcsSim] : figure.sides[kRival];
  const Measured& smaller = more ? figure.sides[kRival] : figure.sides[kDcsSim];
  if (smaller.at_least) return "-";
  if (times == "1.00" && !larger.at_least) return "the same " + figure.noun;
  const bool better = more == (figure.better == Better::kMore);
  return (larger.at_least ? "over " : "") + times + " times " + (more ? "more " : "less ") +
         figure.noun + (better ? "" : " (worse)");
}

std::string ToMarkdown(const Report& report) {
  std::string text;
  for (const auto& [name, value] : report.facts) {
    absl::StrAppend(&text, "- ", name, ": ", value, "\n");
  }
  text += '\n';
  text += Line("", "dcs-sim", report.rival, "dcs-sim : " + report.rival, "");
  text += "| --- | ---: | ---: | --- | --- |\n";
  std::string group;
  for (const Figure& figure : report.figures) {
    if (figure.group != group) {
      group = figure.group;
      text += Line("**" + group + "**", "", "", "", "");
    }
    text += Line(figure.name, Cell(figure.sides[kDcsSim], figure.unit),
                 Cell(figure.sides[kRival], figure.unit), RatioText(figure), figure.remark);
  }
  if (!report.failures.empty()) text += "\nNot measured:\n";
  for (const std::string& failure : report.failures) text += "- " + failure + "\n";
  return text;
}

nlohmann::ordered_json ToJson(const Report& report) {
  nlohmann::ordered_json json;
  for (const auto& [name, value] : report.facts) json["facts"][name] = value;
  json["rival"] = report.rival;
  json["figures"] = nlohmann::ordered_json::array();
  for (const Figure& figure : report.figures) {
    nlohmann::ordered_json row;
    row["group"] = figure.group;
    row["name"] = figure.name;
    row["unit"] = RowOf(figure.unit).name;
    row["better"] = figure.better == Better::kMore ? "more" : "less";
    row["dcs_sim"] = SideJson(figure.sides[kDcsSim]);
    row["rival"] = SideJson(figure.sides[kRival]);
    row["ratio"] =
        Comparable(figure) ? nlohmann::ordered_json(Ratio(figure)) : nlohmann::ordered_json();
    row["ratio_text"] = RatioText(figure);
    if (!figure.remark.empty()) row["remark"] = figure.remark;
    json["figures"].push_back(std::move(row));
  }
  json["failures"] = report.failures;
  return json;
}

}  // namespace dcs::bench
