// An HTTP/1.1 server: turns bytes on sockets into HttpRequests for one handler, and back.
//
//   auto server = HttpServer::Start(io, {.port = 0}, [&](const HttpRequest& r) { ... });
//   if (!server.ok()) return server.status();
//   io.run();                      // (*server)->port() says which port it is
//
// Keep-alive; pipelined requests are answered in order, one at a time. What it answers itself, in
// the gateway's form (errors.h): 400 for anything that is not HTTP/1.0 or 1.1, for headers over the
// limit, for a target that cannot be decoded, for no or two Host headers in HTTP/1.1, for a
// transfer coding other than chunked; 413 for a body over the limit. The connection is closed after
// those. A handler that throws is logged and answered 500 DCS.5000. A client that is too slow is
// cut off.
//
// A HeadCheck may refuse a request by its head: the answer is sent before the body is read. The
// connection stays open if the body is short, and is closed otherwise.
//
// A handler that gives LongWork instead of a response has it run on the server's background thread,
// one at a time in the order asked for; the connection waits for it, others do not.
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
  // Between requests.
  std::chrono::milliseconds idle_timeout{60'000};
  // From a request's first byte to its last, and as much again for taking the answer.
  std::chrono::milliseconds request_timeout{30'000};
  // How long a connection that we end waits for the client's end, so that the last answer is not
  // lost to a reset.
  std::chrono::milliseconds linger_timeout{5'000};
  // Further clients wait in the system's queue until one leaves.
  size_t max_connections = 1024;
  // Where set, clients speak TLS (HTTPS) and nothing else.
  std::shared_ptr<boost::asio::ssl::context> tls = nullptr;
};

// What the server and its connections share; see http_server.cc.
struct HttpServerState;

class HttpServer {
 public:
  using Handler = std::function<HttpReply(HttpRequest)>;
  // Gets the request without its body: method, target, headers and peer. Called once for each
  // request, and followed by the handler unless it refuses.
  using HeadCheck = std::function<HeadVerdict(const HttpRequest& head)>;

  // Listens from now on; answers while `io` runs. `io` must outlive the server.
  // Errors: kInvalidArgument for a bind address that is none, kUnavailable where it cannot listen
  // there, saying why (a port in use, for instance).
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(boost::asio::io_context& io,
                                                           const HttpServerOptions& options,
                                                           Handler handler,
                                                           HeadCheck check_head = nullptr);
  // Stops, and waits for the LongWork that runs. Neither handler, check nor any work is called
  // afterwards.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const { return port_; }
  size_t connections() const;

  // Takes no more connections or requests; answers being sent or worked on are sent, all else is
  // closed, LongWork that has not begun left out. Nothing of the server's is left in `io` once
  // those are out. Does not wait.
  void Stop();

 private:
  HttpServer(std::shared_ptr<HttpServerState> state, uint16_t port);

  std::shared_ptr<HttpServerState> state_;
  const uint16_t port_;
};

}  // namespace dcs::rest
