#include "bench/side_by_side/contender.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <thread>
#include <utility>

#include "bench/side_by_side/socket.h"

namespace dcs::bench {
namespace {

constexpr std::string_view kPort = "{port}";
constexpr const char* kHost = "127.0.0.1";

std::string WithPort(std::string word, uint16_t port) {
  const size_t at = word.find(kPort);
  if (at != std::string::npos) word.replace(at, kPort.size(), std::to_string(port));
  return word;
}

}  // namespace

Contender DcsSim(const std::string& program) {
  return {"dcs-sim",
          SweepKind::kHttp,
          {program, "serve", "--bind", kHost, "--resp-port", "0", "--http-port", "0", "--no-auth",
           "--natural-deletion", "off", "--io-threads", "1", "--log-level", "warn"}};
}

Contender Rival(std::string_view command_line) {
  Contender rival;
  std::istringstream words{std::string(command_line)};
  for (std::string word; words >> word;) rival.command.push_back(word);
  if (rival.command.empty()) return rival;
  rival.name = std::filesystem::path(rival.command.front()).filename();
  if (command_line.find(kPort) != std::string_view::npos) return rival;
  for (const char* word :
       {"--port", kPort.data(), "--bind", kHost, "--save", "", "--appendonly", "no", "--daemonize",
        "no", "--io-threads", "1", "--databases", "1", "--enable-debug-command", "yes"}) {
    rival.command.emplace_back(word);
  }
  return rival;
}

std::optional<ReadyLine> FindReadyLine(std::string_view output) {
  const size_t at = output.find("ready http=");
  if (at == std::string_view::npos || output.find('\n', at) == std::string_view::npos) return {};
  ReadyLine ready;
  char instance[64] = {};
  const std::string line(output.substr(at, output.find('\n', at) - at));
  if (std::sscanf(line.c_str(), "ready http=%*[^:]:%hu resp=%*[^:]:%hu project=%*s instance=%63s",
                  &ready.http_port, &ready.resp_port, instance) != 3) {
    return {};
  }
  ready.instance_id = instance;
  return ready;
}

std::string_view InfoField(std::string_view info, std::string_view name) {
  std::string wanted = "\n";
  wanted.append(name) += ':';
  size_t at = info.find(wanted);
  if (at == std::string_view::npos) return {};
  at += wanted.size();
  return info.substr(at, info.find_first_of("\r\n", at) - at);
}

absl::StatusOr<std::unique_ptr<RunningServer>> RunningServer::Start(
    const Contender& contender, const std::vector<int>& processors) {
  const uint16_t port = Socket::FreePort();
  std::vector<std::string> command;
  for (const std::string& word : contender.command) command.push_back(WithPort(word, port));
  auto process = ServerProcess::Start(command, processors);
  if (!process.ok()) return process.status();

  std::unique_ptr<RunningServer> server(new RunningServer(contender));
  server->process_ = *std::move(process);
  server->ready_.resp_port = port;
  if (absl::Status status = server->Connect(); !status.ok()) {
    return absl::UnavailableError(contender.name +
                                  " does not start: " + std::string(status.message()) + "\n" +
                                  server->process_->Output());
  }
  // A server that refuses is still compared; its sweeps report the error.
  (void)server->Ask({"DEBUG", "SET-ACTIVE-EXPIRE", "0"});
  server->empty_resident_bytes_ = server->process_->ResidentBytes();
  return server;
}

absl::Status RunningServer::Connect() {
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  const auto give_up = steady_clock::now() + std::chrono::seconds(20);
  absl::Status status = absl::DeadlineExceededError("it did not get ready");
  for (; steady_clock::now() < give_up; std::this_thread::sleep_for(milliseconds(2))) {
    if (process_->Ended()) return absl::UnavailableError("it has ended");
    if (contender_.sweep == SweepKind::kHttp) {
      const std::optional<ReadyLine> ready = FindReadyLine(process_->Output());
      if (!ready) continue;
      ready_ = *ready;
    }
    auto client = tools::RedisClient::Connect(kHost, ready_.resp_port, "");
    status = client.status();
    if (!client.ok()) continue;
    client_ = *std::move(client);
    status = Ask({"PING"}).status();
    if (status.ok()) return status;
  }
  return status;
}

absl::StatusOr<std::string> RunningServer::Ask(const std::vector<std::string_view>& command) {
  absl::StatusOr<std::string> reply = client_->Ask(command);
  if (reply.ok()) return reply;
  return absl::InternalError(contender_.name + " answered " + std::string(command.front()) + ": " +
                             std::string(reply.status().message()));
}

absl::StatusOr<uint64_t> RunningServer::KeyCount() {
  const auto reply = Ask({"DBSIZE"});
  if (!reply.ok()) return reply.status();
  return std::strtoull(reply->c_str(), nullptr, 10);
}

absl::StatusOr<double> RunningServer::OwnBytes() {
  const auto info = Ask({"INFO", "memory"});
  if (!info.ok()) return info.status();
  return std::strtod(std::string(InfoField(*info, "used_memory")).c_str(), nullptr);
}

absl::StatusOr<std::string> RunningServer::Version() {
  const auto info = Ask({"INFO", "server"});
  if (!info.ok()) return info.status();
  for (const std::string_view field : {"valkey_version", "redis_version"}) {
    const std::string_view version = InfoField(*info, field);
    if (!version.empty()) return contender_.name + " " + std::string(version);
  }
  return contender_.name + " of unknown version";
}

}  // namespace dcs::bench
