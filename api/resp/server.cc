#include "api/resp/server.h"

#include <sys/socket.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <random>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "api/resp/connection.h"

namespace dcs::resp {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 511;
// How long to wait with accepting when the process has run out of descriptors.
constexpr std::chrono::milliseconds kAcceptPause{100};
// How often idle clients are looked for.
constexpr std::chrono::seconds kIdleCheck{1};

absl::Status Apply(const ServerOptions& options, ServerState& state) {
  std::vector<std::string_view> pairs;
  for (const auto& [name, value] : options.parameters) {
    pairs.push_back(name);
    pairs.push_back(value);
  }
  return state.SetParameters(pairs);
}

uint64_t RandomSeed() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

}  // namespace

// Everything here but its construction and Listen runs on its own strand.
class Server::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(asio::io_context& io, std::shared_ptr<ServerState> state, const ServerOptions& options)
      : io_(io),
        state_(std::move(state)),
        output_bound_bytes_(options.output_bound_bytes),
        tls_(options.tls),
        strand_(asio::make_strand(io)),
        acceptor_(strand_),
        accept_timer_(strand_),
        idle_timer_(strand_) {}

  error_code Listen(const tcp::endpoint& endpoint) {
    error_code error;
    if (acceptor_.open(endpoint.protocol(), error)) return error;
    acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (acceptor_.bind(endpoint, error)) return error;
    acceptor_.listen(kBacklog, error);
    descriptor_ = acceptor_.native_handle();
    return error;
  }
  uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void Start() {
    asio::post(strand_, [self = shared_from_this()] {
      self->Accept();
      self->WatchIdle();
    });
  }

  // Accepting happens on the same strand: no connection can slip in behind this. The port is free
  // on return, though the strand has still to close the socket.
  void Stop() {
    if (stop_asked_.exchange(true)) return;
    ::shutdown(descriptor_, SHUT_RDWR);
    asio::post(strand_, [self = shared_from_this()] {
      self->stopped_ = true;
      error_code ignored;
      self->acceptor_.close(ignored);
      self->accept_timer_.cancel();
      self->idle_timer_.cancel();
      for (const std::shared_ptr<Client>& client : self->state_->clients.All()) client->close();
    });
  }

 private:
  void Accept() {
    if (stopped_) return;
    acceptor_.async_accept(io_, [self = shared_from_this()](error_code error, Socket socket) {
      self->OnAccepted(error, std::move(socket));
    });
  }

  void OnAccepted(error_code error, Socket socket) {
    if (stopped_) return;
    if (!error) {
      Welcome(std::move(socket));
    } else if (error != asio::error::connection_aborted) {
      // Out of descriptors or memory: trying again at once would only spin.
      accept_timer_.expires_after(kAcceptPause);
      accept_timer_.async_wait([self = shared_from_this()](error_code) { self->Accept(); });
      return;
    }
    Accept();
  }

  void Welcome(Socket socket) {
    Counters::Add(state_->counters.connections_received);
    const int64_t most = state_->settings.maxclients.load(std::memory_order_relaxed);
    if (state_->clients.size() >= static_cast<size_t>(most)) {
      Counters::Add(state_->counters.rejected_connections);
      constexpr std::string_view kRefusal = "-ERR max number of clients reached\r\n";
      error_code ignored;
      socket.non_blocking(true, ignored);
      // It would not understand that before its handshake.
      if (tls_ == nullptr) {
        socket.write_some(asio::buffer(kRefusal.data(), kRefusal.size()), ignored);
      }
      return;
    }
    std::make_shared<Connection>(state_, std::move(socket), output_bound_bytes_,
                                 tls_ == nullptr ? nullptr : tls_->native_handle())
        ->Start();
  }

  void WatchIdle() {
    if (stopped_) return;
    idle_timer_.expires_after(kIdleCheck);
    idle_timer_.async_wait([self = shared_from_this()](error_code error) {
      if (error) return;
      self->CloseIdle();
      self->WatchIdle();
    });
  }

  void CloseIdle() {
    const int64_t timeout_s = state_->settings.timeout_s.load(std::memory_order_relaxed);
    if (timeout_s == 0) return;
    const store::TimeMs now = state_->node.clock.Now();
    for (const std::shared_ptr<Client>& client : state_->clients.All()) {
      const store::TimeMs idle_ms = now - client->last_active.load(std::memory_order_relaxed);
      if (idle_ms > timeout_s * 1000) client->close();
    }
  }

  using Strand = asio::strand<IoExecutor>;
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Strand>;
  asio::io_context& io_;
  const std::shared_ptr<ServerState> state_;
  const size_t output_bound_bytes_;
  const std::shared_ptr<asio::ssl::context> tls_;
  const Strand strand_;
  asio::basic_socket_acceptor<tcp, Strand> acceptor_;
  Timer accept_timer_;
  Timer idle_timer_;
  int descriptor_ = -1;  // acceptor_'s, until the strand closes it
  std::atomic<bool> stop_asked_{false};
  bool stopped_ = false;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(asio::io_context& io, api::Node& node,
                                                      const ServerOptions& options) {
  // Shared, but not by us: nothing is destroyed where the last copy goes.
  return Start(io, std::shared_ptr<api::Node>(std::shared_ptr<void>(), &node), options);
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(asio::io_context& io,
                                                      std::shared_ptr<api::Node> node,
                                                      const ServerOptions& options) {
  const std::string where = absl::StrCat(options.host, ":", options.port);
  error_code error;
  const asio::ip::address address = asio::ip::make_address(options.host, error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot listen on ", where, ": an IP address is expected"));
  }
  auto state = std::make_shared<ServerState>(node, options.seed ? *options.seed : RandomSeed());
  if (absl::Status status = Apply(options, *state); !status.ok()) return status;

  auto listener = std::make_shared<Listener>(io, state, options);
  error = listener->Listen({address, options.port});
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", where, ": ", error.message()));
  }
  const uint16_t port = listener->port();
  node->resp_port = port;
  state->settings.Publish("bind", options.host);
  state->settings.Publish("port", std::to_string(port));
  listener->Start();
  return std::unique_ptr<Server>(new Server(std::move(state), std::move(listener), port));
}

Server::Server(std::shared_ptr<ServerState> state, std::shared_ptr<Listener> listener,
               uint16_t port)
    : state_(std::move(state)), listener_(std::move(listener)), port_(port) {}

Server::~Server() { Stop(); }

void Server::Stop() { listener_->Stop(); }

}  // namespace dcs::resp
