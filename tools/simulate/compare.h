// Two reports side by side: what --compare shows, without running anything.
//
// Policies are matched by name. A figure that a report does not have, as older versions of the
// program did not write all of them, is shown as a dash.
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

// A figure of a policy, for people and as numbers; the change is of B against A.
struct ComparedFigure {
  std::string name;
  std::string unit;  // of the numbers: "bytes", "seconds", "microseconds", "share" (0 to 1) or none
  std::string a, b, change;
  std::optional<double> number_a{}, number_b{};  // absent for words, such as "met"
};
struct ComparedPolicy {
  std::string name, label;
  std::string state_a, state_b;  // "completed", "stopped", "not run"; "" if unknown
  std::vector<ComparedFigure> figures;
};
struct Comparison {
  std::string a, b;                      // what each is: its file, scenario, seed and duration
  std::vector<std::string> notes;        // what keeps the two from being compared like with like
  std::vector<ComparedPolicy> policies;  // those in both, in A's order
  std::vector<std::string> only_in_a, only_in_b;
};

// Reads what --out wrote as report.json; its timelines are skipped. Errors: kInvalidArgument if the
// text is no such report.
absl::StatusOr<nlohmann::json> ParseReport(std::string_view text);

// `a` and `b` are what ParseReport returned. Texts in the result are printable (api/printable.h).
Comparison Compare(const nlohmann::json& a, std::string_view file_a, const nlohmann::json& b,
                   std::string_view file_b);

std::string ToText(const Comparison& comparison);
std::string ToMarkdown(const Comparison& comparison);
// One row a policy and figure.
std::string ToCsv(const Comparison& comparison);

}  // namespace dcs::simulate
