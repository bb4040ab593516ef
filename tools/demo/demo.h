// The main job, shown: keys expire, hold their memory, and an expired key scan brings it back.
#pragma once

#include "tools/serve/serve_options.h"

namespace dcs::tools {

struct DemoOptions {
  ServeOptions serve;
  bool once = false;  // end after the record instead of serving on
  uint64_t keys = 1'000'000;
};

// Runs the demonstration against a server of its own, through its sockets. Then, unless `once`,
// serves until SIGINT or SIGTERM. Returns the process's exit status. A signal before that point ends
// the process at once, by that signal. REQUIRES: BlockEndSignals was called.
int RunDemo(const DemoOptions& options);

}  // namespace dcs::tools
