// The report of a comparison, as one Markdown table or as JSON.
//
// Thread safety: none. Units: a figure's values are in the base unit named by `Unit`.
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

// The sides of a comparison: indexes of arrays with one entry per server.
inline constexpr size_t kDcsSim = 0;
inline constexpr size_t kRival = 1;
inline constexpr size_t kSides = 2;

// One side of a figure.
struct Measured {
  std::vector<double> rounds;  // one value per round; empty if there is nothing to compare
  bool at_least = false;       // the wait ended first: the true value is larger
};

struct Figure {
  std::string group;  // the part of the comparison
  std::string name;
  Unit unit = Unit::kSeconds;
  Better better = Better::kLess;
  std::string noun;  // the compared quantity, for the ratio's text: "throughput"
  std::array<Measured, kSides> sides = {};
  std::string remark = {};
};

struct Report {
  std::vector<std::pair<std::string, std::string>> facts;  // the head: machine, versions, keys
  std::string rival;                                       // its name in the table
  std::vector<Figure> figures;
  std::vector<std::string> failures;  // parts that failed, and why
};

// Three digits in a fitting unit: "3.41 M/s", "17.2 us".
std::string FormatValue(double value, Unit unit);

// Compares dcs-sim's median with the rival's: "3.1 times less CPU"; "-" if one is missing.
std::string RatioText(const Figure& figure);

std::string ToMarkdown(const Report& report);

// All rounds in base units, with medians and ratios (dcs-sim's median divided by the rival's).
nlohmann::ordered_json ToJson(const Report& report);

}  // namespace dcs::bench
