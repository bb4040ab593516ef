// The share of the measured processors that other programs used, to mark figures measured beside a
// busy neighbour.
//
// Thread safety: none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dcs::bench {

// Seconds so far, from the lines of /proc/stat for `processors`.
struct ProcessorTime {
  double busy = 0;   // used by programs, interrupts and other guests of the same host
  double total = 0;  // including idle time
};
ProcessorTime ReadProcessorTime(std::string_view proc_stat, const std::vector<int>& processors,
                                double ticks_a_second);

class OutsideLoad {
 public:
  // Starts to count.
  explicit OutsideLoad(const std::vector<int>& processors);

  // Time used by neither this program nor its ended children, in percent of the time since the
  // start.
  double Percent() const;

 private:
  const std::vector<int> processors_;
  const ProcessorTime before_;
  const double own_before_;
};

}  // namespace dcs::bench
