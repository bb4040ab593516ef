// An HTTP/1.1 server: turns bytes on sockets into HttpRequests for one handler, and back.
//
//   auto server = HttpServer::Start(io, {.port = 0}, [&](const HttpRequest& r) { ... });
//   if (!server.ok()) return server.status();
//   io.run();                      // (*server)->port() is the port
//
// Keep-alive; pipelined requests are answered in order, one at a time. Every answer has Date. The
// server itself answers, in the gateway's form (errors.h): 400 for anything that is not HTTP/1.0 or
// 1.1, for headers over the limit or more than 100, for a target that cannot be decoded, for no or
// two Host headers in HTTP/1.1, and for a transfer coding other than chunked; 413 for a body over
// the limit; 503 SIM.0010 if the memory for bodies is used up. After these answers the connection
// is closed. An Expect other than 100-continue is answered 417 SIM.0012. A handler that throws is
// logged and answered 500 DCS.5000. A client that is too slow is cut off.
//
// Log: one line per answer at level debug: request, peer, status, code, reason, request ID. The
// line of a malformed request names the error.
//
// A HeadCheck may refuse a request by its head: the answer is sent before the body is read. The
// connection stays open if the body is short, and is closed otherwise.
//
// An allocation that fails for a request ends that request with 500 DCS.5000, or its connection. In
// the latter case the thread must run `io` by api::RunIo, which continues after it.
//
// If a handler returns LongWork instead of a response, the server's background thread runs it, one
// at a time in FIFO order. The connection waits for it; other connections do not.
//
// Thread safety: everything on the one thread that runs `io`, except port().
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "api/rest/http_message.h"

namespace boost::asio::ssl {
class context;
}

namespace dcs::rest {

struct HttpServerOptions {
  std::string bind_address = "127.0.0.1";  // IPv4 or IPv6
  uint16_t port = 0;                       // 0: the system chooses
  uint32_t header_limit = 16 << 10;        // bytes of request line and headers
  uint64_t body_limit = 12 << 20;          // bytes, decoded; the gateway's limit
  // Total bytes of all bodies, not counting the first 64 KiB of each (body_budget.h). A body beyond
  // it is answered 503.
  size_t body_memory = 64 << 20;
  // Between requests.
  std::chrono::milliseconds idle_timeout{60'000};
  // From a request's first byte, or a new connection, to the end of the head; also a TLS handshake's.
  std::chrono::milliseconds head_timeout{10'000};
  // Longest time without a byte of the body.
  std::chrono::milliseconds stall_timeout{10'000};
  // From the end of the head to the end of the body; the same again for taking the answer.
  std::chrono::milliseconds request_timeout{30'000};
  // How long a connection that the server ends waits for the client to close, so that the last
  // answer is not lost to a reset.
  std::chrono::milliseconds linger_timeout{5'000};
  // At the limit, a new client replaces the connection that has been idle longest, among those not
  // being answered (connection_list.h). If all are being answered, the client waits.
  size_t max_connections = 1024;
  // If set, clients use TLS (HTTPS) only.
  std::shared_ptr<boost::asio::ssl::context> tls = nullptr;
};

// The state shared by the server and its connections; see http_server.cc.
struct HttpServerState;

class HttpServer {
 public:
  using Handler = std::function<HttpReply(HttpRequest)>;
  // Gets the request without its body: method, target, headers and peer. Called once per request;
  // the handler follows unless the check refuses.
  using HeadCheck = std::function<HeadVerdict(const HttpRequest& head)>;

  // Starts listening; answers while `io` runs. `io` must outlive the server. Errors:
  // kInvalidArgument for an invalid bind address; kUnavailable, with the reason, if it cannot
  // listen there (a port in use, for instance); kResourceExhausted if a thread cannot start.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(boost::asio::io_context& io,
                                                           const HttpServerOptions& options,
                                                           Handler handler,
                                                           HeadCheck check_head = nullptr);
  // Stops, and waits for running LongWork. Neither handler, check nor work is called afterwards.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const { return port_; }
  size_t connections() const;
  // Bytes of bodies that count toward HttpServerOptions::body_memory now.
  size_t body_memory_used() const;

  // Stops accepting connections and requests. Answers being sent or computed are sent; all other
  // connections are closed; LongWork that has not begun is dropped. After the last answer `io`
  // holds nothing of this server. Does not wait.
  void Stop();

 private:
  HttpServer(std::shared_ptr<HttpServerState> state, uint16_t port);

  std::shared_ptr<HttpServerState> state_;
  const uint16_t port_;
};

}  // namespace dcs::rest
