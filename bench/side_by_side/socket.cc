#include "bench/side_by_side/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace dcs::bench {
namespace {

absl::Status SystemError(const std::string& what) {
  return absl::UnavailableError(what + ": " + std::strerror(errno));
}

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

absl::StatusOr<Socket> Socket::Connect(uint16_t port, Blocking blocking) {
  Socket made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (made.descriptor_ < 0) return SystemError("cannot open a socket");
  const sockaddr_in address = Loopback(port);
  if (connect(made.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
      0) {
    return SystemError("cannot connect to port " + std::to_string(port));
  }
  const int on = 1;
  setsockopt(made.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (blocking == Blocking::kNo) fcntl(made.descriptor_, F_SETFL, O_NONBLOCK);
  return made;
}

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Socket::~Socket() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::StatusOr<size_t> Socket::Send(std::string_view bytes) const {
  const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<size_t>(sent);
  if (WouldBlock()) return size_t{0};
  return SystemError("cannot send");
}

absl::StatusOr<std::string_view> Socket::Receive(char* buffer, size_t size) const {
  const ssize_t count = recv(descriptor_, buffer, size, 0);
  if (count > 0) return std::string_view(buffer, static_cast<size_t>(count));
  if (count == 0) return absl::UnavailableError("the server has closed the connection");
  if (WouldBlock()) return std::string_view();
  return SystemError("cannot receive");
}

uint16_t Socket::FreePort() {
  const Socket made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  if (bind(made.descriptor_, plain, size) != 0) return 0;
  if (getsockname(made.descriptor_, plain, &size) != 0) return 0;
  return ntohs(address.sin_port);
}

}  // namespace dcs::bench
