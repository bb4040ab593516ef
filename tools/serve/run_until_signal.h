// Waits for the signal that ends the program, so that it can save its state.
#pragma once

namespace dcs::tools {

// Blocks SIGHUP, SIGINT, SIGQUIT, SIGTERM and SIGXCPU for WaitForSignal, so that they do not end
// the process. An ignored SIGHUP stays ignored (nohup). Ignores SIGPIPE and SIGXFSZ: the failing
// write reports them. Call it before starting threads, so that all inherit the mask.
void BlockEndSignals();
// Waits for one of the signals and returns it. REQUIRES: BlockEndSignals was called.
int WaitForSignal();
// Ends the process at once by the signal's default action, so that the parent sees the signal.
[[noreturn]] void EndBySignal(int signal);

}  // namespace dcs::tools
