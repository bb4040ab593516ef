// Waiting for the user or the system to say that it is enough.
#pragma once

namespace dcs::tools {

// Makes SIGINT and SIGTERM something to wait for instead of the end. Called before any thread is
// started, so that all inherit it.
void BlockEndSignals();
// Returns once SIGINT or SIGTERM has come. REQUIRES: BlockEndSignals was called.
void WaitForSignal();

}  // namespace dcs::tools
