// How much of the processors under measurement other programs took meanwhile: figures measured
// beside a busy neighbour should say so.
//
// Thread safety: none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dcs::bench {

// Seconds so far, of the lines of /proc/stat that belong to `processors`.
struct ProcessorTime {
  double busy = 0;   // by programs, interrupts and other guests of the same host
  double total = 0;  // idle included
};
ProcessorTime ReadProcessorTime(std::string_view proc_stat, const std::vector<int>& processors,
                                double ticks_a_second);

class OutsideLoad {
 public:
  // Starts to count.
  explicit OutsideLoad(const std::vector<int>& processors);

  // What neither this program nor its ended children used, in percent of the time since the start.
  double Percent() const;

 private:
  const std::vector<int> processors_;
  const ProcessorTime before_;
  const double own_before_;
};

}  // namespace dcs::bench
