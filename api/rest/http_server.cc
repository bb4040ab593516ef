#include "api/rest/http_server.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/rest/http_connection.h"
#include "api/rest/http_server_state.h"

namespace dcs::rest {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;

// How long to wait where the system has no more file descriptors for a connection.
constexpr std::chrono::milliseconds kAcceptRetry{100};

absl::Status CannotListen(const tcp::endpoint& endpoint, const Error& error) {
  std::ostringstream where;
  where << endpoint;
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", where.str(), ": ", error.message()));
}

absl::Status Listen(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  Error error;
  acceptor.open(endpoint.protocol(), error);
  // Not to wait for the last run's connections; two listeners at once stay impossible.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error ? CannotListen(endpoint, error) : absl::OkStatus();
}

}  // namespace

HttpServerState::HttpServerState(asio::io_context& io, const HttpServerOptions& server_options,
                                 HttpServer::Handler request_handler,
                                 HttpServer::HeadCheck head_check)
    : options(server_options),
      handler(std::move(request_handler)),
      check_head(std::move(head_check)),
      acceptor(io),
      retry(io) {}

void HttpServerState::Accept() {
  if (stopped || accepting || connections.size() >= options.max_connections) return;
  accepting = true;
  acceptor.async_accept([state = shared_from_this()](const Error& error, tcp::socket socket) {
    state->accepting = false;
    if (!state->stopped) state->OnAccept(error, std::move(socket));
  });
}

void HttpServerState::OnAccept(const Error& error, tcp::socket socket) {
  if (error) {
    // The client may have left already, or descriptors have run out: later, and not in a busy loop.
    accepting = true;
    retry.expires_after(kAcceptRetry);
    retry.async_wait([state = shared_from_this()](const Error&) {
      state->accepting = false;
      state->Accept();
    });
    return;
  }
  Error ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const auto connection = std::make_shared<HttpConnection>(std::move(socket), shared_from_this());
  connections.insert(connection.get());
  connection->Start();
  Accept();
}

void HttpServerState::Forget(HttpConnection* connection) {
  connections.erase(connection);
  Accept();
}

void HttpServerState::Stop() {
  stopped = true;
  Error ignored;
  acceptor.close(ignored);
  retry.cancel();
  background.Stop();
  for (HttpConnection* connection : connections) connection->Stop();
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(asio::io_context& io,
                                                              const HttpServerOptions& options,
                                                              Handler handler,
                                                              HeadCheck check_head) {
  Error error;
  const asio::ip::address address = asio::ip::make_address(options.bind_address, error);
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("bind address '", options.bind_address,
                                                   "': expected an IPv4 or IPv6 address"));
  }
  auto state =
      std::make_shared<HttpServerState>(io, options, std::move(handler), std::move(check_head));
  const absl::Status listening = Listen(state->acceptor, {address, options.port});
  if (!listening.ok()) return listening;
  const tcp::endpoint endpoint = state->acceptor.local_endpoint(error);
  if (error) return CannotListen({address, options.port}, error);
  state->Accept();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state), endpoint.port()));
}

HttpServer::HttpServer(std::shared_ptr<HttpServerState> state, uint16_t port)
    : state_(std::move(state)), port_(port) {}

HttpServer::~HttpServer() {
  Stop();
  state_->background.Join();
}

size_t HttpServer::connections() const { return state_->connections.size(); }

void HttpServer::Stop() { state_->Stop(); }

}  // namespace dcs::rest
