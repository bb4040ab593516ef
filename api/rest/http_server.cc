#include "api/rest/http_server.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <exception>
#include <new>
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

// Delay before accepting again if the system has no file descriptors left.
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
  // Allows connections of the last run to linger; two listeners at once stay impossible.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  return error ? CannotListen(endpoint, error) : absl::OkStatus();
}

}  // namespace

HttpServerState::HttpServerState(asio::io_context& context, const HttpServerOptions& server_options,
                                 HttpServer::Handler request_handler,
                                 HttpServer::HeadCheck head_check)
    : options(server_options),
      handler(std::move(request_handler)),
      check_head(std::move(head_check)),
      io(context),
      here(io.get_executor()),
      acceptor(io),
      retry(io),
      bodies(options.body_memory) {}

// Held by the handler that waits for a client. If the handler is destroyed without being called,
// because an allocation failed, the server tries again.
class HttpServerState::Accepting {
 public:
  explicit Accepting(std::shared_ptr<HttpServerState> state) : state_(std::move(state)) {
    state_->accepting = true;
  }
  Accepting(Accepting&&) = default;
  Accepting& operator=(Accepting&&) = delete;
  ~Accepting() {
    if (const auto state = End()) state->AcceptLater();
  }
  std::shared_ptr<HttpServerState> End() {
    if (state_ != nullptr) state_->accepting = false;
    return std::exchange(state_, nullptr);
  }

 private:
  std::shared_ptr<HttpServerState> state_;
};

bool HttpServerState::HasRoom() const {
  return connections.size() < options.max_connections || connections.First() != nullptr;
}

// A client is accepted only after it has arrived, so that one place is never given to two clients.
void HttpServerState::Accept() noexcept try {
  if (stopped || accepting || !HasRoom()) return;
  acceptor.async_wait(tcp::acceptor::wait_read,
                      api::WithMemory(accept_memory, [mine = Accepting(shared_from_this())](
                                                         const Error& error) mutable {
                        const auto state = mine.End();
                        if (!state->stopped) state->OnClient(error);
                      }));
} catch (const std::exception&) {
  AcceptLater();
}

void HttpServerState::AcceptLater() noexcept try {
  if (stopped || accepting) return;
  accepting = true;
  retry.expires_after(kAcceptRetry);
  retry.async_wait(api::WithMemory(retry_memory, [state = shared_from_this()](const Error&) {
    state->accepting = false;
    state->Accept();
  }));
} catch (const std::exception&) {
  accepting = false;  // the next connection that changes its state tries again
}

void HttpServerState::OnClient(Error error) try {
  if (!HasRoom()) return;  // Forget, or an answered connection, waits again
  tcp::socket socket(io);
  if (!error) acceptor.accept(socket, error);
  // The client may have left already.
  if (error == asio::error::would_block || error == asio::error::connection_aborted) {
    return Accept();
  }
  if (error) return AcceptLater();  // no file descriptors left: wait instead of spinning
  while (connections.size() >= options.max_connections) connections.First()->GiveWay();
  Error ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  std::make_shared<HttpConnection>(std::move(socket), shared_from_this())->Start();
  Accept();
} catch (const std::bad_alloc&) {
  Accept();  // the client's connection is closed by now, or it still waits
}

void HttpServerState::Forget(ConnectionList<HttpConnection>::Place& place) {
  connections.Remove(place);
  Accept();
}

void HttpServerState::Stop() {
  stopped = true;
  here.reset();
  Error ignored;
  acceptor.close(ignored);
  retry.cancel();
  background.Stop();
  connections.ForEach([](HttpConnection& connection) { connection.Stop(); });
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

size_t HttpServer::body_memory_used() const { return state_->bodies.used(); }

void HttpServer::Stop() { state_->Stop(); }

}  // namespace dcs::rest
