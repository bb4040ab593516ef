// A TCP connection to a server on this machine.
//
// Thread safety: none. Errors: absl::Status with the system's reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dcs::bench {

enum class Blocking { kYes, kNo };

class Socket {
 public:
  // Connects to 127.0.0.1:`port`; small writes are sent at once (no Nagle delay).
  static absl::StatusOr<Socket> Connect(uint16_t port, Blocking blocking);

  // A port without listener; 0 if the system has none.
  static uint16_t FreePort();

  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  int descriptor() const { return descriptor_; }

  // Sends what the system accepts now (blocking: everything); returns the number of bytes.
  absl::StatusOr<size_t> Send(std::string_view bytes) const;

  // Received bytes, in `buffer`; empty if there are none yet (non-blocking only). The other side's
  // end of the connection is an error.
  absl::StatusOr<std::string_view> Receive(char* buffer, size_t size) const;

 private:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace dcs::bench
