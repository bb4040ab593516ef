// A release of all expired keys, started over a socket.
//
// It can be advanced between other work, so that one thread can measure latencies meanwhile.
//
// Thread safety: none. Errors: an unexpected answer, a broken connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/side_by_side/contender.h"
#include "bench/side_by_side/socket.h"

namespace dcs::bench {

// The server's own figures about its sweep.
struct OwnAccount {
  uint64_t released = 0;
  double seconds = 0;
  double cpu_seconds = 0;
};

class Sweep {
 public:
  virtual ~Sweep() = default;

  // Sends the first request.
  virtual absl::Status Start() = 0;
  // Consumes received bytes and sends the next request. true: the sweep has ended.
  virtual absl::StatusOr<bool> Advance() = 0;
  virtual std::optional<OwnAccount> own_account() const { return std::nullopt; }

  // Starts the sweep and blocks until its end.
  absl::Status Run();

  int descriptor() const { return socket_.descriptor(); }

 protected:
  explicit Sweep(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
};

// One sweep of `server`, by its contender's method, on a new connection.
absl::StatusOr<std::unique_ptr<Sweep>> PrepareSweep(const RunningServer& server, Blocking blocking);

}  // namespace dcs::bench
