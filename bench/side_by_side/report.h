// What a comparison found, as one Markdown table or as JSON.
//
// Thread safety: none. Units: a figure's values are in the base unit that `Unit` names.
#pragma once

#include <array>
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace dcs::bench {

enum class Unit { kPerSecond, kSeconds, kBytes, kBytesPerKey, kPercent, kTimes };
enum class Better { kMore, kLess };

// The sides of a comparison, wherever there is one of something for each server.
inline constexpr size_t kDcsSim = 0;
inline constexpr size_t kRival = 1;
inline constexpr size_t kSides = 2;

// One side of a figure.
struct Measured {
  std::vector<double> rounds;  // one value a round; empty where there is nothing to compare
  bool at_least = false;       // the wait ended first: the true value is larger
};

struct Figure {
  std::string group;  // the part of the comparison that it belongs to
  std::string name;
  Unit unit = Unit::kSeconds;
  Better better = Better::kLess;
  std::string noun;  // what there is more or less of: "throughput"
  std::array<Measured, kSides> sides = {};
  std::string remark = {};
};

struct Report {
  std::vector<std::pair<std::string, std::string>> facts;  // the head: machine, versions, keys
  std::string rival;                                       // its name in the table
  std::vector<Figure> figures;
  std::vector<std::string> failures;  // what could not be measured, and why
};

// Three digits and a unit that suits: "3.41 M/s", "17.2 us".
std::string FormatValue(double value, Unit unit);

// How dcs-sim's median compares with the rival's: "3.1 times less CPU"; "-" without both values.
std::string RatioText(const Figure& figure);

std::string ToMarkdown(const Report& report);

// All rounds in base units, beside medians and ratios (dcs-sim's median divided by the rival's).
nlohmann::ordered_json ToJson(const Report& report);

}  // namespace dcs::bench
