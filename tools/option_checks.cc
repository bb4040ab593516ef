#include "tools/option_checks.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace dcs::tools {
namespace {

template <class T>
bool Parses(std::string_view text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && parsed == end;
}

}  // namespace

std::optional<uint64_t> ToWholeNumber(std::string_view text) {
  uint64_t value = 0;
  return Parses(text, value) ? std::optional(value) : std::nullopt;
}

CLI::Validator OneOf(std::vector<std::string> words) {
  return CLI::Validator(
      [words = std::move(words)](const std::string& text) {
        if (std::find(words.begin(), words.end(), text) != words.end()) return std::string();
        return absl::StrCat("'", text, "' is none of ", absl::StrJoin(words, ", "));
      },
      "");
}

CLI::Validator WholeNumber(int64_t min, int64_t max) {
  return CLI::Validator(
      [min, max](const std::string& text) {
        int64_t value = 0;
        // Only the usual decimal form: CLI11 would read "010" as octal.
        const bool whole = Parses(text, value) && std::to_string(value) == text;
        if (whole && value >= min && value <= max) return std::string();
        return absl::StrCat("'", text, "' is not a whole number from ", min, " to ", max);
      },
      "");
}

CLI::Validator Number(double min, double max) {
  return CLI::Validator(
      [min, max](const std::string& text) {
        double value = 0;
        if (Parses(text, value) && value >= min && value <= max) return std::string();
        return absl::StrCat("'", text, "' is not a number from ", min, " to ", max);
      },
      "");
}

}  // namespace dcs::tools
