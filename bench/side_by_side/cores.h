// Which processors the servers run on and which one the client has.
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

  // Client and server wait for the same processor: no side may spin.
  bool shared() const;
};

// The server gets the last of `allowed`, the client the first one that is no hyperthread of the
// same core (`siblings` of a processor: those, itself included), or, failing that, the first.
// REQUIRES: `allowed` is not empty.
Cores ChooseCores(const std::vector<int>& allowed,
                  const std::function<std::vector<int>(int)>& siblings);

// What this process may run on.
std::vector<int> AllowedProcessors();
// As the kernel tells it; only `processor` itself where it does not.
std::vector<int> HyperthreadsBeside(int processor);

// "0-2,5" as the kernel writes lists of processors.
std::vector<int> ParseProcessorList(const std::string& text);

// Binds the calling thread. Safe after a fork.
bool PinThisThread(const std::vector<int>& processors);

}  // namespace dcs::bench
