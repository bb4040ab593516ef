#include "tools/help_text.h"

#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace dcs::tools {
namespace {

constexpr size_t kLineWidth = 80;
constexpr size_t kIndent = 2;
constexpr size_t kTextColumn = 28;

// Puts `name` on the left and `text` in the right column; a long name gets a line to itself.
std::string Entry(const std::string& name, const std::string& text) {
  std::string entry = std::string(kIndent, ' ') + name;
  size_t column = entry.size();
  const auto start_line = [&] {
    entry += '\n';
    entry.append(kTextColumn, ' ');
    column = kTextColumn;
  };
  if (column + 1 < kTextColumn) {
    entry.append(kTextColumn - column, ' ');
    column = kTextColumn;
  } else {
    start_line();
  }
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const bool first = column == kTextColumn;
    if (!first && column + 1 + word.size() > kLineWidth) start_line();
    if (column > kTextColumn) {
      entry += ' ';
      ++column;
    }
    absl::StrAppend(&entry, word);
    column += word.size();
  }
  return entry + "\n";
}

}  // namespace

std::string HelpText::make_option(const CLI::Option* option, bool is_positional) const {
  std::string name = make_option_name(option, is_positional);
  // "-h,--help" with a space, as other programs print it.
  if (const size_t comma = name.find(','); comma != std::string::npos) name.insert(comma + 1, " ");
  const bool takes_value = option->get_type_size() != 0;
  if (takes_value && !is_positional) absl::StrAppend(&name, " ", option->get_type_name());
  std::string text = option->get_description();
  if (!option->get_envname().empty()) absl::StrAppend(&text, " (or $", option->get_envname(), ")");
  if (takes_value && !option->get_default_str().empty()) {
    absl::StrAppend(&text, " [", option->get_default_str(), "]");
  }
  return Entry(name, text);
}

std::string HelpText::make_subcommand(const CLI::App* sub) const {
  return Entry(sub->get_name(), sub->get_description());
}

// CLI11 leaves two empty lines between groups and up to two at the end.
std::string HelpText::make_help(const CLI::App* app, std::string name,
                                CLI::AppFormatMode mode) const {
  std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
  while (absl::StrReplaceAll({{"\n\n\n", "\n\n"}}, &text) > 0) {
  }
  text.erase(text.find_last_not_of('\n') + 1);
  return text + "\n";
}

std::string HelpText::make_usage(const CLI::App* app, std::string name) const {
  return "\n" + CLI::Formatter::make_usage(app, std::move(name));
}

}  // namespace dcs::tools
