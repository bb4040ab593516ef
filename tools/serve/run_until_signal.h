// Waiting until the user or the system ends the program, so that it can save what it keeps.
#pragma once

namespace dcs::tools {

// Makes SIGHUP, SIGINT, SIGQUIT, SIGTERM and SIGXCPU wait for WaitForSignal instead of ending the
// process; SIGHUP stays ignored if it is (nohup). SIGPIPE and SIGXFSZ are ignored: the write that
// fails says so. Called before any thread is started, so that all inherit it.
void BlockEndSignals();
// Waits for one of the signals and returns it. REQUIRES: BlockEndSignals was called.
int WaitForSignal();
// Ends the process at once by the signal's default action, so that the parent sees which it was.
[[noreturn]] void EndBySignal(int signal);

}  // namespace dcs::tools
