#include "tools/simulate/csv.h"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace dcs::simulate {
namespace {

bool StartsFormula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) != std::string::npos;
}

double ToSixDigits(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const double scale = std::pow(10.0, 5 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

}  // namespace

void Csv::Begin() {
  if (!first_in_row_) text_ += ',';
  first_in_row_ = false;
}

void Csv::Empty() { Begin(); }

void Csv::Text(std::string_view text) {
  Begin();
  const bool quoted = text.find_first_of(",\"\r\n") != std::string_view::npos;
  if (quoted) text_ += '"';
  if (StartsFormula(text)) text_ += '\'';
  for (const char c : text) {
    if (c == '"') text_ += '"';
    text_ += c;
  }
  if (quoted) text_ += '"';
}

void Csv::Whole(uint64_t number) {
  Begin();
  text_ += std::to_string(number);
}

void Csv::Number(double number) {
  Begin();
  char digits[400];  // 1.7e308 has 309 digits
  const auto [end, error] =
      std::to_chars(digits, digits + sizeof(digits), ToSixDigits(number), std::chars_format::fixed);
  text_.append(digits, end);
}

void Csv::Number(const std::optional<double>& number) {
  if (number) {
    Number(*number);
  } else {
    Empty();
  }
}

void Csv::Milliseconds(int64_t ms) {
  Begin();
  char text[40];
  std::snprintf(text, sizeof(text), "%lld.%03lld", static_cast<long long>(ms / 1000),
                static_cast<long long>(ms % 1000));
  text_ += text;
}

void Csv::EndRow() {
  text_ += "\r\n";
  first_in_row_ = true;
}

}  // namespace dcs::simulate
