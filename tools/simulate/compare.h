// Compares two reports side by side, for --compare. Runs nothing.
//
// Policies are matched by name. A figure that a report lacks is shown as a dash: older versions of
// the program wrote fewer figures.
//
// Thread safety: free functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace dcs::simulate {

// A figure of a policy, as text and as numbers. The change is that of B against A.
struct ComparedFigure {
  std::string name;
  // unit of the numbers: "bytes", "seconds", "microseconds", "share" (0 to 1) or none
  std::string unit;
  std::string a, b, change;
  std::optional<double> number_a{}, number_b{};  // absent for text figures such as "met"
};
struct ComparedPolicy {
  std::string name, label;
  std::string state_a, state_b;  // "completed", "stopped", "not run"; "" if unknown
  std::vector<ComparedFigure> figures;
};
struct Comparison {
  std::string a, b;                      // file, scenario, seed and duration of each report
  std::vector<std::string> notes;        // differences that make the comparison unfair
  std::vector<ComparedPolicy> policies;  // policies in both reports, in A's order
  std::vector<std::string> only_in_a, only_in_b;
};

// Reads the report.json that --out wrote, without its timelines. Errors: kInvalidArgument if the
// text is not such a report.
absl::StatusOr<nlohmann::json> ParseReport(std::string_view text);

// REQUIRES: `a` and `b` were returned by ParseReport. Texts in the result are printable
// (api/printable.h).
Comparison Compare(const nlohmann::json& a, std::string_view file_a, const nlohmann::json& b,
                   std::string_view file_b);

std::string ToText(const Comparison& comparison);
std::string ToMarkdown(const Comparison& comparison);
// One row per policy and figure.
std::string ToCsv(const Comparison& comparison);

}  // namespace dcs::simulate
