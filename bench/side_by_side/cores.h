// The processors of the servers and of the client.
//
// Thread safety: none needed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace dcs::bench {

struct Cores {
  std::vector<int> server;
  int client = 0;
  std::string remark;  // how they are shared, for the report's head

  // Client and server use the same processor, so neither side may spin.
  bool shared() const;
};

// The server gets the last of `allowed`; the client the first one that is not a hyperthread of the
// same core (`siblings` returns a processor's hyperthreads, including itself) or, failing that, the
// first one. REQUIRES: `allowed` is not empty.
Cores ChooseCores(const std::vector<int>& allowed,
                  const std::function<std::vector<int>(int)>& siblings);

// The processors that this process may use.
std::vector<int> AllowedProcessors();
// As reported by the kernel; only `processor` if it does not report them.
std::vector<int> HyperthreadsBeside(int processor);

// "0-2,5", the kernel's format of processor lists.
std::vector<int> ParseProcessorList(const std::string& text);

// Binds the calling thread. Safe after a fork.
bool PinThisThread(const std::vector<int>& processors);

}  // namespace dcs::bench
