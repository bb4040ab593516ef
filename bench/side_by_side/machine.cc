#include "bench/side_by_side/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "tools/terminal.h"

namespace dcs::bench {
namespace {

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line.empty() ? "unknown" : line;
}

std::string ProcessorModel() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> MachineFacts() {
  utsname system{};
  uname(&system);
  const auto memory =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return {
      {"machine", ProcessorModel() + ", " + std::to_string(sysconf(_SC_NPROCESSORS_ONLN)) +
                      " processors, " + tools::HumanBytes(memory)},
      {"kernel", std::string(system.sysname) + " " + system.release + " " + system.machine},
      {"transparent huge pages", FirstLine("/sys/kernel/mm/transparent_hugepage/enabled")},
      {"load average at the start", FirstLine("/proc/loadavg")},
  };
}

std::string BuildFact() {
  std::string fact = DCS_BUILD_TYPE;
#ifndef NDEBUG
  fact += ", with assertions: not fit for comparison";
#endif
  return fact + ", g++ " __VERSION__;
}

}  // namespace dcs::bench
