// A RESP server on a loopback port with its threads, and plain blocking clients of it.
#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/resp/server/server.h"
#include "store/time/clock.h"
#include "tests/api/resp/resp_value.h"

namespace dcs::resp {

class LoopbackServer {
 public:
  explicit LoopbackServer(const ServerOptions& options = {}, int threads = 1)
      : clock_(1'700'000'000'000), node_({.seed = 1, .epoch = clock_.Now()}, clock_) {
    auto started = Server::Start(io_, node_, options);
    if (!started.ok()) throw std::runtime_error(std::string(started.status().message()));
    server_ = *std::move(started);
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { io_.run(); });
  }
  // Ends when all connections have: a test that leaves one hanging hangs here.
  ~LoopbackServer() {
    server_->Stop();
    for (std::thread& thread : threads_) thread.join();
  }
  Server& server() { return *server_; }
  api::Node& node() { return node_; }
  uint16_t port() const { return server_->port(); }

 private:
  store::VirtualClock clock_;
  api::Node node_;
  boost::asio::io_context io_;
  std::unique_ptr<Server> server_;
  std::vector<std::thread> threads_;
};

class LoopbackClient {
 public:
  explicit LoopbackClient(uint16_t port) : socket_(io_) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
  }

  void Send(std::string_view bytes) {
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()));
  }
  // Returns false where the server has closed.
  bool TrySend(std::string_view bytes) {
    boost::system::error_code error;
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), error);
    return !error;
  }
  // Exactly so many bytes, fewer where the connection ended before.
  std::string Receive(size_t bytes) {
    while (received_.size() < bytes && ReceiveSome()) {
    }
    const std::string taken = received_.substr(0, bytes);
    received_.erase(0, taken.size());
    return taken;
  }
  // All that comes until the server closes.
  std::string ReceiveAll() {
    while (ReceiveSome()) {
    }
    return std::exchange(received_, {});
  }
  // One reply; an empty value where the connection ended before.
  RespValue ReceiveReply() {
    while (true) {
      std::string_view rest = received_;
      if (std::optional<RespValue> value = TakeReply(rest)) {
        received_.erase(0, received_.size() - rest.size());
        return *value;
      }
      if (!ReceiveSome()) return {};
    }
  }
  // A request and its reply's text.
  std::string Ask(std::string_view line) {
    Send(std::string(line) + "\r\n");
    return ReceiveReply().text;
  }
  void EndSending() {
    boost::system::error_code closed_already;
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, closed_already);
  }
  // Whether the connection ended with bytes of the client's unread.
  bool was_reset() const { return was_reset_; }
  // Bytes the system still takes at once without the server reading, up to `bytes`.
  size_t SendWithoutWaiting(std::string_view bytes) {
    socket_.non_blocking(true);
    size_t sent = 0;
    boost::system::error_code error;
    while (sent < bytes.size() && !error) {
      sent +=
          socket_.write_some(boost::asio::buffer(bytes.data() + sent, bytes.size() - sent), error);
    }
    socket_.non_blocking(false);
    return sent;
  }
  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  bool ReceiveSome() {
    char bytes[65536];
    boost::system::error_code error;
    const size_t count = socket_.read_some(boost::asio::buffer(bytes), error);
    received_.append(bytes, count);
    was_reset_ |= error == boost::asio::error::connection_reset;
    return !error;
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  std::string received_;
  bool was_reset_ = false;
};

}  // namespace dcs::resp
