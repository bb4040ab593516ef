#include "tools/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "tools/log.h"

namespace dcs::tools {
namespace {

using Words = std::vector<std::string>;

// The edit distance of `a` and `b`: insertions, deletions and replacements of letters. O(a * b).
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

// The words of `known` that the user may have meant: those close to `word` and those that begin
// with it.
Words Similar(const std::string& word, const Words& known) {
  constexpr size_t kTypos = 2;
  constexpr size_t kShortestBeginning = 4;
  constexpr size_t kLongestWord = 64;
  Words similar;
  if (word.size() > kLongestWord) return similar;
  for (const std::string& candidate : known) {
    const bool begins = word.size() >= kShortestBeginning && absl::StartsWith(candidate, word);
    if (begins || Distance(word, candidate) <= kTypos) similar.push_back(candidate);
  }
  return similar;
}

Words Subcommands(const CLI::App& app) {
  Words names;
  for (const CLI::App* sub : app.get_subcommands({})) names.push_back(sub->get_name());
  return names;
}

Words Options(const CLI::App& app) {
  Words names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// "dcs-sim" or "dcs-sim serve".
std::string FullName(const CLI::App& root, const CLI::App& app) {
  return &app == &root ? root.get_name() : root.get_name() + " " + app.get_name();
}

int Fail(const std::string& name, const std::string& message) {
  PrintError(absl::StrCat(name, ": ", message, "\nTry '", name, " --help'."));
  return kUsageError;
}

// The error message for an argument that nothing expects.
std::string Unexpected(const CLI::App& root, const CLI::App& app, const std::string& given) {
  const bool option = given.size() > 1 && given.front() == '-';
  // Without the value, which may be a password.
  const std::string word = option ? given.substr(0, given.find('=')) : given;
  if (option) {
    const Words known = Options(app);
    const Words similar = Similar(word, known);
    return similar.empty() ? absl::StrCat("there is no option ", word, "; there are ",
                                          absl::StrJoin(known, ", "))
                           : absl::StrCat("there is no option ", word, "; did you mean ",
                                          absl::StrJoin(similar, " or "), "?");
  }
  if (&app != &root) {
    return absl::StrCat(
        "unexpected argument '", word, "': ", app.get_name(), " takes ",
        app.get_options([](const CLI::Option* known) { return known->get_positional(); }).empty()
            ? "options only"
            : "one argument and options");
  }
  return absl::StrCat("there is no subcommand '", word, "'; there are ",
                      absl::StrJoin(Subcommands(root), ", "));
}

// Rewrites CLI11's messages "--x: 1 required TYPE missing" and "--x: At Most 1 required but
// received 2". For an option of two values: "--x: At least 2 required but received 1".
std::string InPlainWords(const std::string& message) {
  if (const size_t end = message.find(": 1 required "); end != std::string::npos) {
    return message.substr(0, end) + " needs a value";
  }
  if (const size_t end = message.find(": At least 2 required"); end != std::string::npos) {
    return message.substr(0, end) + " needs two values";
  }
  if (const size_t end = message.find(": At Most 1 required"); end != std::string::npos) {
    return message.substr(0, end) + " is given more than once";
  }
  return message;
}

int Explain(const CLI::App& root, const CLI::ParseError& error) {
  const auto parsed = root.get_subcommands();
  const CLI::App& app = parsed.empty() ? root : *parsed.front();
  const std::string name = FullName(root, app);
  // An unknown word may cause another error, because its value is taken for an argument.
  for (const CLI::App* at : {&root, &app}) {
    const Words rest = at->remaining();
    if (!rest.empty()) return Fail(FullName(root, *at), Unexpected(root, *at, rest.front()));
  }
  return Fail(name, InPlainWords(error.what()));
}

}  // namespace

std::optional<int> ParseCommandLine(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return Explain(app, error);
  }
  if (!app.get_subcommands().empty()) return std::nullopt;
  return Fail(app.get_name(), absl::StrCat("no subcommand is given; there are ",
                                           absl::StrJoin(Subcommands(app), ", ")));
}

int PrintHelp(const CLI::App& app, const std::string& subcommand) {
  const CLI::App* of = subcommand.empty() ? &app : nullptr;
  for (const CLI::App* sub : app.get_subcommands({})) {
    if (sub->get_name() == subcommand) of = sub;
  }
  if (of == nullptr) return Fail(app.get_name(), Unexpected(app, app, subcommand));
  // CLI::App::help would describe the subcommand that was parsed.
  const std::string text =
      app.get_formatter()->make_help(of, FullName(app, *of), CLI::AppFormatMode::Normal);
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace dcs::tools
