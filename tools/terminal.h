// A progress bar for terminals, and plain lines for logs.
#pragma once

#include <cstdio>
#include <string>

namespace dcs::tools {

// "1,234,567"
std::string WithCommas(unsigned long long number);
// "12.3 MiB"
std::string HumanBytes(double bytes);

// A line that is rewritten on a terminal. Elsewhere it prints one line per tenth.
// Thread safety: none.
class ProgressBar {
 public:
  ProgressBar(std::FILE* out, std::string label);
  // `share` is 0 to 1; `detail` is printed after the bar.
  void Show(double share, const std::string& detail);
  // Prints the final state and ends the line.
  void Finish(const std::string& detail);

 private:
  std::FILE* out_;
  const std::string label_;
  const bool terminal_;
  int shown_tenths_ = -1;
};

}  // namespace dcs::tools
