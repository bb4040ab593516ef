// A server under measurement: a child process bound to certain processors, and its resource use.
//
// It ends with this object. If this program ends in another way, the kernel kills it. Its output
// goes to a file in memory.
//
// Thread safety: none; the thread that started it must outlive it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace dcs::bench {

class ServerProcess {
 public:
  // Starts `command` (looked up in PATH) bound to `processors`.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(
      const std::vector<std::string>& command, const std::vector<int>& processors);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // CPU time of all its threads since the start, including ended ones; in nanosecond resolution.
  double CpuSeconds() const;
  // VmRSS.
  double ResidentBytes() const;
  // Whether it has ended on its own.
  bool Ended();
  // All output so far.
  std::string Output() const;

 private:
  ServerProcess() = default;

  pid_t process_ = -1;
  int output_ = -1;
};

}  // namespace dcs::bench
