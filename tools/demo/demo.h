// The demonstration: keys expire but hold their memory until an expired key scan releases it.
#pragma once

#include "tools/serve/serve_options.h"

namespace dcs::tools {

struct DemoOptions {
  ServeOptions serve;
  bool once = false;  // exit after printing the scan's record instead of serving
  uint64_t keys = 1'000'000;
};

// Runs the demonstration against its own server, through the server's sockets. Then serves until
// SIGINT or SIGTERM, unless `once` is set. Returns the process's exit status. An earlier signal
// ends the process at once, by that signal. REQUIRES: BlockEndSignals was called.
int RunDemo(const DemoOptions& options);

}  // namespace dcs::tools
