#include "bench/side_by_side/cores.h"

#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace dcs::bench {

bool Cores::shared() const { return std::count(server.begin(), server.end(), client) > 0; }

Cores ChooseCores(const std::vector<int>& allowed,
                  const std::function<std::vector<int>(int)>& siblings) {
  Cores cores;
  const int server = allowed.back();
  cores.server = {server};
  cores.client = allowed.front();
  const std::string server_name = "server on processor " + std::to_string(server);
  if (allowed.size() == 1) {
    cores.remark = "one processor only: server and client share it, so rates are of both together";
    return cores;
  }
  const std::vector<int> same_core = siblings(server);
  const auto apart = std::find_if(allowed.begin(), allowed.end(), [&](int processor) {
    return std::count(same_core.begin(), same_core.end(), processor) == 0;
  });
  if (apart != allowed.end()) cores.client = *apart;
  cores.remark = server_name + ", client on " + std::to_string(cores.client);
  if (apart == allowed.end()) cores.remark += " (hyperthreads of one core)";
  return cores;
}

std::vector<int> AllowedProcessors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof(set), &set);
  std::vector<int> processors;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) processors.push_back(i);
  }
  return processors;
}

std::vector<int> HyperthreadsBeside(int processor) {
  std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(processor) +
                     "/topology/thread_siblings_list");
  std::string text;
  if (!std::getline(file, text)) return {processor};
  return ParseProcessorList(text);
}

std::vector<int> ParseProcessorList(const std::string& text) {
  std::vector<int> processors;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    char* rest = nullptr;
    const long first = std::strtol(part.c_str(), &rest, 10);
    const long last = *rest == '-' ? std::strtol(rest + 1, nullptr, 10) : first;
    for (long i = first; i <= last; ++i) processors.push_back(static_cast<int>(i));
  }
  return processors;
}

bool PinThisThread(const std::vector<int>& processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int processor : processors) CPU_SET(processor, &set);
  return sched_setaffinity(0, sizeof(set), &set) == 0;
}

}  // namespace dcs::bench
