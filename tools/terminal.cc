#include "tools/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace dcs::tools {

std::string WithCommas(unsigned long long number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string HumanBytes(double bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  for (; std::abs(bytes) >= 1024 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1024;
  char text[32];
  std::snprintf(text, sizeof(text), unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
  return text;
}

ProgressBar::ProgressBar(std::FILE* out, std::string label)
    : out_(out), label_(std::move(label)), terminal_(isatty(fileno(out)) != 0) {}

void ProgressBar::Show(double share, const std::string& detail) {
  share = std::clamp(share, 0.0, 1.0);
  const int tenths = static_cast<int>(share * 10);
  if (!terminal_ && tenths == shown_tenths_) return;
  shown_tenths_ = tenths;
  constexpr int kWidth = 24;
  const int full = static_cast<int>(std::lround(share * kWidth));
  std::string bar;
  for (int i = 0; i < kWidth; ++i) bar += i < full ? '#' : '.';
  std::fprintf(out_, "%s  %-8s [%s] %3d %%  %s%s", terminal_ ? "\r\033[K" : "", label_.c_str(),
               bar.c_str(), static_cast<int>(share * 100), detail.c_str(), terminal_ ? "" : "\n");
  std::fflush(out_);
}

void ProgressBar::Finish(const std::string& detail) {
  shown_tenths_ = -1;
  Show(1.0, detail);
  if (terminal_) std::fprintf(out_, "\n");
  std::fflush(out_);
}

}  // namespace dcs::tools
