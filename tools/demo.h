// The main job, shown: keys expire, hold their memory, and an expired key scan brings it back.
#pragma once

#include "tools/serve_options.h"

namespace dcs::tools {

struct DemoOptions {
  ServeOptions serve;
  bool once = false;  // end after the record instead of serving on
  uint64_t keys = 1'000'000;
};

// Runs the demonstration against a server of its own, through its sockets; with !once, serves on
// until SIGINT or SIGTERM. Returns the process's exit status.
int RunDemo(const DemoOptions& options);

}  // namespace dcs::tools
