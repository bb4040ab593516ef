// A RESP server on a loopback port that runs only while the test lets it, on the test's thread, and
// a client that neither waits nor allocates.
//
//   PolledServer polled;
//   const RawClient client(polled.port());
//   client.Send("PING\r\n");
//   polled.io().poll();
//   bool closed;
//   client.ReceiveWithoutWaiting(&closed);   // "+PONG\r\n"
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "api/resp/server/server.h"
#include "scanner/event_queue.h"
#include "store/time/clock.h"
#include "tests/api/resp/session.h"

namespace dcs::resp {

class PolledServer {
 public:
  explicit PolledServer(const ServerOptions& options = {}) {
    node_.scheduler = &events_;
    auto started = Server::Start(io_, node_, options);
    if (!started.ok()) throw std::runtime_error(std::string(started.status().message()));
    server_ = *std::move(started);
    io_.poll();
  }
  ~PolledServer() {
    server_->Stop();
    io_.poll();
  }
  PolledServer(const PolledServer&) = delete;
  PolledServer& operator=(const PolledServer&) = delete;

  boost::asio::io_context& io() { return io_; }
  Server& server() { return *server_; }
  uint16_t port() const { return server_->port(); }
  store::VirtualClock& clock() { return clock_; }
  // Advances the clock, runs the node's timers that fall due, then the server.
  void Advance(store::TimeMs ms) {
    events_.Advance(ms);
    io_.poll();
  }
  store::Keyspace& keyspace() { return node_.keyspace; }

 private:
  store::VirtualClock clock_{kStartTime};
  scanner::EventQueue events_{clock_};
  api::Node node_{{.seed = 1, .epoch = kStartTime, .lazy_free_thread = false}, clock_};
  boost::asio::io_context io_{1};
  std::unique_ptr<Server> server_;
};

// Sends, and receives what is there.
class RawClient {
 public:
  explicit RawClient(uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~RawClient() { ::close(descriptor_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  void Send(std::string_view bytes) const {
    static_cast<void>(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }
  void EndSending() const { ::shutdown(descriptor_, SHUT_WR); }
  // Returns how many bytes the system takes at once: 0 if it is full, all if the server has closed.
  size_t SendWithoutWaiting(std::string_view bytes) const {
    const ssize_t sent =
        ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<size_t>(sent);
    return errno == EAGAIN ? 0 : bytes.size();
  }
  // At most so many bytes of what has come.
  std::string ReceiveSomeWithoutWaiting(size_t most) const {
    std::string bytes(most, '\0');
    const ssize_t count = ::recv(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return bytes;
  }
  // What has come; `closed` tells whether the server has closed.
  std::string ReceiveWithoutWaiting(bool* closed) const {
    std::string all;
    char bytes[65536];
    ssize_t count;
    while ((count = ::recv(descriptor_, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
      all.append(bytes, static_cast<size_t>(count));
    }
    *closed = count == 0 || errno != EAGAIN;
    return all;
  }

 private:
  const int descriptor_;
  bool connected_ = false;
};

}  // namespace dcs::resp
