#include "bench/side_by_side/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "bench/side_by_side/cores.h"

namespace dcs::bench {
namespace {

// Replaces this child process.
[[noreturn]] void Become(const std::vector<char*>& arguments, const std::vector<int>& processors,
                         int output, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the parent died before prctl took effect
  PinThisThread(processors);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execvp(arguments.front(), arguments.data());
  std::printf("cannot run %s: %s\n", arguments.front(), std::strerror(errno));
  std::fflush(stdout);
  _exit(127);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(
    const std::vector<std::string>& command, const std::vector<int>& processors) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  std::unique_ptr<ServerProcess> server(new ServerProcess());
  server->output_ = memfd_create("server-output", MFD_CLOEXEC);
  std::fflush(nullptr);  // otherwise the child might print the buffered text again
  const pid_t parent = getpid();
  server->process_ = fork();
  if (server->process_ == 0) Become(arguments, processors, server->output_, parent);
  if (server->process_ < 0 || server->output_ < 0) {
    return absl::UnavailableError("cannot start a process: " + std::string(std::strerror(errno)));
  }
  return server;
}

ServerProcess::~ServerProcess() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  if (output_ >= 0) close(output_);
}

double ServerProcess::CpuSeconds() const {
  clockid_t clock{};
  timespec spent{};
  if (clock_getcpuclockid(process_, &clock) != 0 || clock_gettime(clock, &spent) != 0) return 0;
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

double ServerProcess::ResidentBytes() const {
  std::ifstream status("/proc/" + std::to_string(process_) + "/status");
  for (std::string line; std::getline(status, line);) {
    double kib = 0;
    if (std::sscanf(line.c_str(), "VmRSS: %lf", &kib) == 1) return kib * 1024;
  }
  return 0;
}

bool ServerProcess::Ended() {
  if (process_ > 0 && waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
  return process_ <= 0;
}

std::string ServerProcess::Output() const {
  std::string text;
  char bytes[4096];
  // pread, because the child writes at the shared file position.
  while (true) {
    const ssize_t count = pread(output_, bytes, sizeof(bytes), static_cast<off_t>(text.size()));
    if (count <= 0) return text;
    text.append(bytes, static_cast<size_t>(count));
  }
}

}  // namespace dcs::bench
