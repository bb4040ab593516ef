#include "tools/run_until_signal.h"

#include <csignal>

namespace dcs::tools {
namespace {

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

void BlockEndSignals() {
  const sigset_t signals = EndSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void WaitForSignal() {
  const sigset_t signals = EndSignals();
  int received = 0;
  sigwait(&signals, &received);
}

}  // namespace dcs::tools
