#include "tools/serve/run_until_signal.h"

#include <csignal>
#include <cstdlib>
#include <initializer_list>

namespace dcs::tools {
namespace {

// Whether the process was started with SIGHUP ignored. A blocked signal stays pending even if
// ignored.
bool HangUpIsIgnored() {
  struct sigaction current = {};
  return sigaction(SIGHUP, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGXCPU}) sigaddset(&signals, signal);
  if (!HangUpIsIgnored()) sigaddset(&signals, SIGHUP);
  return signals;
}

}  // namespace

void BlockEndSignals() {
  const sigset_t signals = EndSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

int WaitForSignal() {
  const sigset_t signals = EndSignals();
  int received = 0;
  sigwait(&signals, &received);
  return received;
}

void EndBySignal(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  std::raise(signal);
  std::_Exit(128 + signal);
}

}  // namespace dcs::tools
