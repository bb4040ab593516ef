// A client's TCP connection with or without TLS: the stream that Beast reads and writes.
//
// Timeouts are those of beast::tcp_stream, with and without TLS.
// Thread safety: that of the socket.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <utility>
#include <variant>

namespace dcs::rest {

class HttpStream {
 public:
  using Tcp = boost::beast::tcp_stream;
  using Tls = boost::beast::ssl_stream<Tcp>;
  using executor_type = Tcp::executor_type;

  // nullptr: no TLS. The context must outlive the stream.
  HttpStream(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls)
      : stream_(Make(std::move(socket), tls)) {}

  bool encrypted() const { return std::holds_alternative<Tls>(stream_); }
  Tcp& tcp() { return encrypted() ? std::get<Tls>(stream_).next_layer() : std::get<Tcp>(stream_); }
  executor_type get_executor() { return tcp().get_executor(); }
  void expires_after(std::chrono::milliseconds timeout) { tcp().expires_after(timeout); }
  void close() { tcp().close(); }

  // REQUIRES for both functions: encrypted().
  template <class Handler>
  void async_handshake(Handler&& handler) {
    std::get<Tls>(stream_).async_handshake(boost::asio::ssl::stream_base::server,
                                           std::forward<Handler>(handler));
  }
  // Shuts down the sending side and waits until the client does the same.
  template <class Handler>
  void async_shutdown(Handler&& handler) {
    std::get<Tls>(stream_).async_shutdown(std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (encrypted()) {
      std::get<Tls>(stream_).async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      std::get<Tcp>(stream_).async_read_some(buffers, std::forward<Handler>(handler));
    }
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (encrypted()) {
      std::get<Tls>(stream_).async_write_some(buffers, std::forward<Handler>(handler));
    } else {
      std::get<Tcp>(stream_).async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

 private:
  using Stream = std::variant<Tcp, Tls>;

  static Stream Make(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls) {
    if (tls == nullptr) return Stream(std::in_place_type<Tcp>, std::move(socket));
    return Stream(std::in_place_type<Tls>, std::move(socket), *tls);
  }

  Stream stream_;
};

}  // namespace dcs::rest
