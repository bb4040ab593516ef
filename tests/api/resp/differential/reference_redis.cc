#include "tests/api/resp/differential/reference_redis.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "tests/api/resp/resp_value.h"

namespace dcs::resp {
namespace {

constexpr const char* kProgram = "/usr/bin/redis-server";

// Replaces this process. Only calls that are safe after a fork.
[[noreturn]] void BecomeRedis(const char* directory, int log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execl(kProgram, kProgram, "--port", "0", "--dir", directory, "--unixsocket", "redis.sock",
        "--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", "", "--databases",
        "1", "--enable-debug-command", "yes", static_cast<char*>(nullptr));
  _exit(127);
}

// Reads the log until Redis says that it listens.
bool WaitUntilReady(int log) {
  std::string text;
  char bytes[4096];
  while (text.find("ready to accept connections") == std::string::npos) {
    const ssize_t count = read(log, bytes, sizeof(bytes));
    if (count <= 0) return false;
    text.append(bytes, static_cast<size_t>(count));
  }
  return true;
}

int Connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof(address.sun_path), "%s", path.c_str());
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    return descriptor;
  }
  close(descriptor);
  return -1;
}

}  // namespace

std::unique_ptr<ReferenceRedis> ReferenceRedis::Start(std::string& why) {
  if (access(kProgram, X_OK) != 0) {
    why = std::string(kProgram) + " is not installed (Debian package redis-server)";
    return nullptr;
  }
  std::unique_ptr<ReferenceRedis> redis(new ReferenceRedis());
  std::string name = std::filesystem::temp_directory_path() / "reference-redis-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    why = "no temporary directory: " + name;
    return nullptr;
  }
  redis->directory_ = name;
  int log[2];
  if (pipe2(log, O_CLOEXEC) != 0) {
    why = "no pipe";
    return nullptr;
  }
  redis->process_ = fork();
  if (redis->process_ == 0) BecomeRedis(redis->directory_.c_str(), log[1]);
  close(log[1]);
  redis->log_ = log[0];
  if (!WaitUntilReady(redis->log_)) {
    why = "redis-server did not start";
    return nullptr;
  }
  redis->socket_ = Connect(redis->directory_ + "/redis.sock");
  if (redis->socket_ < 0) {
    why = "redis-server cannot be connected to";
    return nullptr;
  }
  redis->Run({"DEBUG", "SET-ACTIVE-EXPIRE", "0"});
  return redis;
}

ReferenceRedis::~ReferenceRedis() {
  if (socket_ >= 0) close(socket_);
  if (log_ >= 0) close(log_);
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

std::vector<std::string> ReferenceRedis::RunAll(const std::vector<Args>& commands) {
  std::string request;
  for (const Args& args : commands) {
    request += "*" + std::to_string(args.size()) + "\r\n";
    for (const std::string_view arg : args) {
      request += "$" + std::to_string(arg.size()) + "\r\n";
      request += arg;
      request += "\r\n";
    }
  }
  std::vector<std::string> replies(commands.size());
  for (size_t sent = 0; sent < request.size();) {
    const ssize_t count = send(socket_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return replies;
    sent += static_cast<size_t>(count);
  }
  for (std::string& reply : replies) reply = ReceiveReply();
  return replies;
}

std::string ReferenceRedis::ReceiveReply() {
  while (true) {
    std::string_view rest = received_;
    if (!received_.empty() && TakeReply(rest)) {
      std::string reply = received_.substr(0, received_.size() - rest.size());
      received_.erase(0, reply.size());
      return reply;
    }
    char bytes[65536];
    const ssize_t count = recv(socket_, bytes, sizeof(bytes), 0);
    if (count <= 0) return {};
    received_.append(bytes, static_cast<size_t>(count));
  }
}

}  // namespace dcs::resp
