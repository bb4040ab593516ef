#include "api/resp/protocol/numbers.h"

#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace dcs::resp {

std::optional<long double> ParseFloat(std::string_view text) {
  constexpr size_t kLongest = 5 * 1024;  // Redis: MAX_LONG_DOUBLE_CHARS
  if (text.empty() || text.size() >= kLongest) return std::nullopt;
  if (std::isspace(static_cast<unsigned char>(text.front()))) return std::nullopt;
  const std::string terminated(text);
  char* stopped_at;
  errno = 0;
  const long double value = std::strtold(terminated.c_str(), &stopped_at);
  if (stopped_at != terminated.c_str() + terminated.size()) return std::nullopt;
  if (errno == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
  if (std::isnan(value)) return std::nullopt;
  return value;
}

IntegerText::IntegerText(int64_t value) {
  const auto [end, error] = std::to_chars(text_.data(), text_.data() + text_.size(), value);
  length_ = static_cast<size_t>(end - text_.data());
}

std::string FormatFloat(long double value) {
  const int length = std::snprintf(nullptr, 0, "%.17Lf", value);
  std::string text(static_cast<size_t>(length), '\0');
  std::snprintf(text.data(), text.size() + 1, "%.17Lf", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

}  // namespace dcs::resp
