// The two compared servers: how each is started, and a running one.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/side_by_side/server_process.h"
#include "tools/demo/demo_clients.h"

namespace dcs::bench {

// How all expired keys of a server are released.
enum class SweepKind {
  kHttp,  // POST /_sim/sweep, by the server itself
  kScan,  // a client walks the keyspace with SCAN, which releases the expired keys it visits
};

struct Contender {
  std::string name;
  SweepKind sweep = SweepKind::kScan;
  std::vector<std::string> command;  // "{port}" stands for the Redis port
};

// `program` with one client thread, no natural deletion and no credentials.
Contender DcsSim(const std::string& program);

// `command_line`, split at blanks. If it does not contain "{port}", options are added that make a
// Redis server keep all data in memory, use one thread and allow DEBUG to switch active expiry off.
Contender Rival(std::string_view command_line);

// The content of dcs-sim's line "ready http=HOST:PORT resp=HOST:PORT project=ID instance=ID".
struct ReadyLine {
  uint16_t http_port = 0;
  uint16_t resp_port = 0;
  std::string instance_id;
};
std::optional<ReadyLine> FindReadyLine(std::string_view output);

// The value of "name:value" in INFO's text; empty if there is none.
std::string_view InfoField(std::string_view info, std::string_view name);

class RunningServer {
 public:
  // Starts the server and waits until it answers. If it supports DEBUG SET-ACTIVE-EXPIRE, expired
  // keys then stay until something accesses them.
  static absl::StatusOr<std::unique_ptr<RunningServer>> Start(const Contender& contender,
                                                              const std::vector<int>& processors);

  const Contender& contender() const { return contender_; }
  const ServerProcess& process() const { return *process_; }
  uint16_t resp_port() const { return ready_.resp_port; }
  uint16_t http_port() const { return ready_.http_port; }
  const std::string& instance_id() const { return ready_.instance_id; }
  // Resident bytes before the first key.
  double empty_resident_bytes() const { return empty_resident_bytes_; }

  // A command's reply as text; errors and a broken connection become a status.
  absl::StatusOr<std::string> Ask(const std::vector<std::string_view>& command);
  absl::StatusOr<uint64_t> KeyCount();
  // The server's own count of used memory.
  absl::StatusOr<double> OwnBytes();
  // "redis-server 7.0.15"
  absl::StatusOr<std::string> Version();

 private:
  explicit RunningServer(const Contender& contender) : contender_(contender) {}
  absl::Status Connect();

  const Contender contender_;
  std::unique_ptr<ServerProcess> process_;
  std::optional<tools::RedisClient> client_;
  ReadyLine ready_;
  double empty_resident_bytes_ = 0;
};

}  // namespace dcs::bench
