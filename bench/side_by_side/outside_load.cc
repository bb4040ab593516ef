#include "bench/side_by_side/outside_load.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace dcs::bench {
namespace {

ProcessorTime ReadNow(const std::vector<int>& processors) {
  std::ifstream file("/proc/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  return ReadProcessorTime(text, processors, static_cast<double>(sysconf(_SC_CLK_TCK)));
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double OwnSeconds() {
  double seconds = 0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage use{};
    getrusage(who, &use);
    seconds += Seconds(use.ru_utime) + Seconds(use.ru_stime);
  }
  return seconds;
}

}  // namespace

ProcessorTime ReadProcessorTime(std::string_view proc_stat, const std::vector<int>& processors,
                                double ticks_a_second) {
  ProcessorTime time;
  std::istringstream lines{std::string(proc_stat)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    const bool wanted = std::any_of(processors.begin(), processors.end(), [&](int processor) {
      return name == "cpu" + std::to_string(processor);
    });
    if (!wanted) continue;
    // user nice system idle iowait irq softirq steal; later columns are included in user.
    for (int column = 0; column < 8; ++column) {
      double ticks = 0;
      words >> ticks;
      time.total += ticks / ticks_a_second;
      if (column != 3 && column != 4) time.busy += ticks / ticks_a_second;
    }
  }
  return time;
}

OutsideLoad::OutsideLoad(const std::vector<int>& processors)
    : processors_(processors), before_(ReadNow(processors)), own_before_(OwnSeconds()) {}

double OutsideLoad::Percent() const {
  const ProcessorTime now = ReadNow(processors_);
  const double total = now.total - before_.total;
  if (total <= 0) return 0;
  const double outside = now.busy - before_.busy - (OwnSeconds() - own_before_);
  return std::clamp(100 * outside / total, 0.0, 100.0);
}

}  // namespace dcs::bench
