// Waiting for the user or the system to say that it is enough.
#pragma once

namespace dcs::tools {

// Makes SIGINT and SIGTERM something to wait for instead of the end. Called before any thread is
// started, so that all inherit it.
void BlockEndSignals();
// Waits for SIGINT or SIGTERM and returns it. REQUIRES: BlockEndSignals was called.
int WaitForSignal();
// Ends the process at once by the signal's default action, so that the parent sees which it was.
[[noreturn]] void EndBySignal(int signal);

}  // namespace dcs::tools
