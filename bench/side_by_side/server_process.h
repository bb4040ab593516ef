// A server under measurement: a child process on processors of its own, and what it uses.
//
// It ends with this object, and also where this program ends in any other way: the kernel then
// kills it. What it prints goes to a file in memory.
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

  // CPU time of all its threads, ended ones too, since it started; to the nanosecond.
  double CpuSeconds() const;
  // VmRSS.
  double ResidentBytes() const;
  // Whether it has ended by itself.
  bool Ended();
  // Everything that it has printed so far.
  std::string Output() const;

 private:
  ServerProcess() = default;

  pid_t process_ = -1;
  int output_ = -1;
};

}  // namespace dcs::bench
