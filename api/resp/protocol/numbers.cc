#include "api/resp/protocol/numbers.h"

#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace dcs::resp {

std::optional<int64_t> ParseInteger(std::string_view text) {
  if (text == "0") return 0;
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || digits.front() < '1' || digits.front() > '9') return std::nullopt;
  int64_t value;
  const char* end = text.data() + text.size();
  const auto [stopped_at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped_at != end) return std::nullopt;
  return value;
}

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
