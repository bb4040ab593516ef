#include "tools/simulate/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tools/terminal.h"

namespace dcs::simulate {
namespace {

constexpr const char* kNoFigure = "-";
constexpr double kLeast = 0.01;  // of a unit; smaller values print as "<0.01"
constexpr double kLeastPercent = 0.0001;

std::string Decimals(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", decimals, value);
  return text;
}

// `value` without an exponent, to `digits` significant digits, without zeros at the end of a fraction.
std::string Significant(double value, int digits) {
  if (value == 0) return "0";
  const int before_point = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  std::string text = Decimals(value, std::max(digits - before_point, 0));
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// REQUIRES: value > 0.
std::string InUnit(double value, const char* unit) {
  return (value < kLeast ? "<0.01" : Significant(value, 3)) + " " + unit;
}

// `percent` > 0: two digits below 1 %, one decimal above.
std::string PercentText(double percent) {
  if (percent < kLeastPercent) return "<0.0001 %";
  return (percent < 1 ? Significant(percent, 2) : Decimals(percent, 1)) + " %";
}

}  // namespace

std::string BytesText(double bytes) {
  if (!std::isfinite(bytes)) return kNoFigure;
  if (bytes > 0 && bytes < 1) return InUnit(bytes, "B");
  return tools::HumanBytes(bytes);
}

std::string ShareText(double share) {
  if (!std::isfinite(share)) return kNoFigure;
  if (share == 0) return "0 %";
  if (share < 0) return "-" + PercentText(-share * 100);
  if (share < 1 && share >= 0.9995) return ">99.9 %";
  return PercentText(share * 100);
}

std::string DifferenceText(double difference) {
  if (!std::isfinite(difference)) return kNoFigure;
  if (difference == 0) return "0 %";
  return (difference < 0 ? "-" : "+") + PercentText(std::abs(difference) * 100);
}

std::string DurationText(double seconds) {
  if (!std::isfinite(seconds)) return kNoFigure;
  if (seconds < 0) return "-" + DurationText(-seconds);
  if (seconds == 0) return "0 s";
  if (seconds < 1e-3) return InUnit(seconds * 1e6, "us");
  if (seconds < 1) return InUnit(seconds * 1e3, "ms");
  if (seconds < 120) return InUnit(seconds, "s");
  if (seconds < 7200) return InUnit(seconds / 60, "min");
  return InUnit(seconds / 3600, "h");
}

std::string MinutesText(double seconds) {
  if (!std::isfinite(seconds)) return kNoFigure;
  return seconds < 60 ? DurationText(seconds) : Decimals(seconds / 60, 2) + " min";
}

std::string CountText(double count) {
  if (!std::isfinite(count)) return kNoFigure;
  if (count < 0) return "-" + CountText(-count);
  if (count >= 100) return tools::WithCommas(static_cast<unsigned long long>(std::llround(count)));
  if (count > 0 && count < kLeast) return "<0.01";
  return Significant(count, 3);
}

}  // namespace dcs::simulate
