#include "tools/simulate/summary.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "tools/simulate/figures.h"
#include "tools/simulate/summary_columns.h"

namespace dcs::simulate {
namespace {

constexpr size_t kTerminalWidth = 100;
constexpr size_t kGap = 2;  // spaces before each column

// One line: control characters, including line breaks, become spaces.
std::string OneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return line;
}

// ---- The terminal -------------------------------------------------------------------------------

// Width in characters of UTF-8 text.
size_t WidthOf(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

size_t WidthOf(const TableColumn& column) {
  size_t width = WidthOf(column.title);
  for (const std::string& cell : column.cells) width = std::max(width, WidthOf(OneLine(cell)));
  return width;
}

// Drops optional columns from a table that is too wide. Returns whether any was dropped.
bool Narrow(std::vector<TableColumn>& table) {
  const size_t all = table.size();
  std::erase_if(table, [](const TableColumn& column) { return column.same && !column.answers; });
  size_t width = 0;
  for (const TableColumn& column : table) width += kGap + WidthOf(column);
  while (width > kTerminalWidth && !table.back().answers) {
    width -= kGap + WidthOf(table.back());
    table.pop_back();
  }
  return table.size() < all;
}

// Aligns labels left and figures right.
void AddCell(std::string& text, const std::string& cell, size_t width, bool label) {
  const std::string padding(width - WidthOf(cell), ' ');
  text.append(kGap, ' ').append(label ? cell + padding : padding + cell);
}

std::string TerminalTable(const std::vector<TableColumn>& table) {
  std::string text;
  for (const TableColumn& column : table) {
    AddCell(text, column.title, WidthOf(column), &column == &table.front());
  }
  text += '\n';
  for (size_t row = 0; row < table.front().cells.size(); ++row) {
    for (const TableColumn& column : table) {
      AddCell(text, OneLine(column.cells[row]), WidthOf(column), &column == &table.front());
    }
    text += '\n';
  }
  return text;
}

// ---- Markdown -----------------------------------------------------------------------------------

// Escapes text so that Markdown shows it unchanged on one line, also in a table cell.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : OneLine(text)) {
    if (std::string_view("\\`*_<>[]|").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string MarkdownRow(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += " " + cell + " |";
  return row + "\n";
}

std::string MarkdownTable(const std::vector<TableColumn>& table) {
  std::vector<std::string> titles, rules;
  for (const TableColumn& column : table) {
    titles.push_back(Escaped(column.title));
    rules.emplace_back(titles.size() == 1 ? "---" : "---:");
  }
  std::string text = MarkdownRow(titles) + MarkdownRow(rules);
  for (size_t row = 0; row < table.front().cells.size(); ++row) {
    std::vector<std::string> cells;
    for (const TableColumn& column : table) cells.push_back(Escaped(column.cells[row]));
    text += MarkdownRow(cells);
  }
  return text;
}

std::string LoadTable(const std::vector<LoadReport>& load) {
  std::string text =
      MarkdownRow({"keys", "type", "number", "with a deadline", "keys' bytes", "values' bytes"}) +
      MarkdownRow({"---", "---", "---:", "---:", "---:", "---:"});
  for (const LoadReport& group : load) {
    text += MarkdownRow({Escaped(group.name), Escaped(group.type),
                         CountText(static_cast<double>(group.keys)),
                         CountText(static_cast<double>(group.keys_with_deadline)),
                         BytesText(static_cast<double>(group.key_bytes)),
                         BytesText(static_cast<double>(group.value_bytes))});
  }
  return text;
}

}  // namespace

std::string TerminalSummary(const Report& report) {
  std::string text = OneLine(report.title) + (report.partial ? " (partial)\n" : "\n");
  if (!report.question.empty()) text += "Question: " + OneLine(report.question) + "\n";
  if (!report.conclusion.empty()) text += "Answer: " + OneLine(report.conclusion.front()) + "\n";
  std::vector<TableColumn> table = TableOf(report);
  const bool narrowed = Narrow(table);
  text += "\n" + TerminalTable(table) + "\n";
  for (size_t i = 1; i < report.conclusion.size(); ++i) {
    text += OneLine(report.conclusion[i]) + "\n";
  }
  if (narrowed) text += "report.md (with --out) has more columns.\n";
  return text;
}

std::string ToMarkdown(const Report& report) {
  std::string text = "# " + Escaped(report.title) + "\n\n";
  if (report.partial) text += "Partial: the simulation was stopped.\n\n";
  if (!report.question.empty()) text += "**" + Escaped(report.question) + "**\n\n";
  for (size_t i = 0; i < report.conclusion.size(); ++i) {
    // The answer is a paragraph; the other sentences are a list.
    text += (i == 0 ? "" : "- ") + Escaped(report.conclusion[i]) + (i == 0 ? "\n\n" : "\n");
  }
  if (report.conclusion.size() > 1) text += "\n";
  text += MarkdownTable(TableOf(report));
  if (!report.description.empty()) text += "\n" + Escaped(report.description) + "\n";
  text += "\n" + LoadTable(report.load);
  text += "\nSeed " + std::to_string(report.seed) + ", " + DurationText(report.duration_seconds) +
          " of virtual time.\n";
  return text;
}

}  // namespace dcs::simulate
