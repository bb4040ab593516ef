// Formats a comparison for the terminal, compare.md and compare.csv.
#include <algorithm>

#include "tools/simulate/compare.h"
#include "tools/simulate/csv.h"

namespace dcs::simulate {
namespace {

std::string List(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

std::string Heading(const ComparedPolicy& policy) {
  return policy.label.empty() || policy.label == policy.name
             ? policy.name
             : policy.name + " (" + policy.label + ")";
}

// A note on a policy that did not complete in both reports; empty if it did.
std::string StateNote(const ComparedPolicy& policy) {
  const auto whole = [](const std::string& state) { return state.empty() || state == "completed"; };
  if (whole(policy.state_a) && whole(policy.state_b)) return "";
  const auto name = [](const std::string& state) { return state.empty() ? "unknown" : state; };
  return "A: " + name(policy.state_a) + ", B: " + name(policy.state_b);
}

// The lines above the tables.
std::vector<std::string> Head(const Comparison& comparison) {
  std::vector<std::string> lines = {"A  " + comparison.a, "B  " + comparison.b};
  if (!comparison.notes.empty()) {
    lines.emplace_back("The reports also differ in their settings (A and B):");
    for (const std::string& note : comparison.notes) lines.push_back("  " + note);
  }
  if (!comparison.only_in_a.empty()) {
    lines.push_back("Policies only in A: " + List(comparison.only_in_a));
  }
  if (!comparison.only_in_b.empty()) {
    lines.push_back("Policies only in B: " + List(comparison.only_in_b));
  }
  if (comparison.policies.empty()) lines.emplace_back("No policy is in both.");
  return lines;
}

// Escapes text for a cell or a line of Markdown.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|' || c == '\\' || c == '`' || c == '*' || c == '_' || c == '[') escaped += '\\';
    if (c == '<') {
      escaped += "&lt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string ToText(const Comparison& comparison) {
  std::string text;
  for (const std::string& line : Head(comparison)) text += line + "\n";
  size_t name = 0, a = 1, b = 1, change = 6;
  for (const ComparedPolicy& policy : comparison.policies) {
    for (const ComparedFigure& figure : policy.figures) {
      name = std::max(name, figure.name.size());
      a = std::max(a, figure.a.size());
      b = std::max(b, figure.b.size());
      change = std::max(change, figure.change.size());
    }
  }
  const auto row = [&](const ComparedFigure& figure) {
    const auto right = [](const std::string& cell, size_t width) {
      return std::string(width - cell.size() + 2, ' ') + cell;
    };
    text.append("  ").append(figure.name).append(name - figure.name.size(), ' ');
    text += right(figure.a, a) + right(figure.b, b) + right(figure.change, change) + "\n";
  };
  for (const ComparedPolicy& policy : comparison.policies) {
    text += "\n" + Heading(policy) + "\n";
    if (const std::string state = StateNote(policy); !state.empty()) text += "  " + state + "\n";
    if (policy.figures.empty()) continue;
    row({.name = "", .unit = "", .a = "A", .b = "B", .change = "change"});
    for (const ComparedFigure& figure : policy.figures) row(figure);
  }
  return text;
}

std::string ToMarkdown(const Comparison& comparison) {
  std::string text = "# Two reports\n\n";
  for (const std::string& line : Head(comparison)) {
    text += (line.starts_with("  ") ? "  - " + Escaped(line.substr(2)) : "- " + Escaped(line));
    text += "\n";
  }
  for (const ComparedPolicy& policy : comparison.policies) {
    text += "\n## " + Escaped(Heading(policy)) + "\n\n";
    if (const std::string state = StateNote(policy); !state.empty()) text += state + "\n\n";
    if (policy.figures.empty()) continue;
    text += "| | A | B | change |\n| --- | ---: | ---: | ---: |\n";
    for (const ComparedFigure& figure : policy.figures) {
      text +=
          "| " + figure.name + " | " + figure.a + " | " + figure.b + " | " + figure.change + " |\n";
    }
  }
  return text;
}

std::string ToCsv(const Comparison& comparison) {
  Csv csv;
  for (const char* name : {"policy", "label", "state_a", "state_b", "figure", "unit", "a", "b"}) {
    csv.Text(name);
  }
  csv.EndRow();
  for (const ComparedPolicy& policy : comparison.policies) {
    for (const ComparedFigure& figure : policy.figures) {
      const bool words = !figure.number_a && !figure.number_b;
      for (const std::string* text : {&policy.name, &policy.label, &policy.state_a, &policy.state_b,
                                      &figure.name, &figure.unit}) {
        csv.Text(*text);
      }
      const auto cell = [&](const std::string& text, const std::optional<double>& number) {
        if (words && text != "-") return csv.Text(text);
        csv.Number(number);
      };
      cell(figure.a, figure.number_a);
      cell(figure.b, figure.number_b);
      csv.EndRow();
    }
  }
  return csv.text();
}

}  // namespace dcs::simulate
