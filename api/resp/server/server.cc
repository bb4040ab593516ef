#include "api/resp/server/server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <new>
#include <random>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "api/handler_memory.h"
#include "api/resp/server/connection.h"

namespace dcs::resp {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 511;
// Clients accepted in one turn, after which the thread serves its connections.
constexpr int kMostAcceptedAtOnce = 64;
// The pause before accepting again when the process has run out of descriptors or memory.
constexpr std::chrono::milliseconds kAcceptPause{100};
// Interval of the search for idle clients and for clients over their soft output limit.
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

// Accepts clients, refuses those over the limit and closes idle ones.
//
// Waiting, pausing and stopping bring their memory (api/handler_memory.h), so a failed allocation
// costs at most one client. A process without descriptors or memory pauses accepting and tries
// again.
//
// Thread safety: Start and Stop may be called from any thread, Listen and port before Start.
// Everything private runs under the mutex.
class Server::Listener : public std::enable_shared_from_this<Listener> {
  // A handler that calls work(*this, arguments...) under the mutex, and whose operation needs no
  // allocation. REQUIRES: no other operation uses `memory`.
  template <typename Work>
  auto WithMutex(api::HandlerMemory& memory, Work work) {
    return api::WithMemory(memory, [self = shared_from_this(), work](auto... arguments) {
      const std::lock_guard lock(self->mutex_);
      if (!self->stopped_) work(*self, arguments...);
    });
  }

 public:
  Listener(asio::io_context& io, std::shared_ptr<ServerState> state, const ServerOptions& options)
      : io_(io),
        state_(std::move(state)),
        output_bound_bytes_(options.output_bound_bytes),
        handshake_timeout_(options.handshake_timeout),
        tls_(options.tls),
        descriptors_(options.descriptors),
        acceptor_(io),
        accept_timer_(io),
        idle_timer_(io) {}

  error_code Listen(const tcp::endpoint& endpoint) {
    error_code error;
    if (acceptor_.open(endpoint.protocol(), error)) return error;
    acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (acceptor_.bind(endpoint, error)) return error;
    if (acceptor_.listen(kBacklog, error)) return error;
    acceptor_.native_non_blocking(true, error);
    descriptor_ = acceptor_.native_handle();
    return error;
  }
  uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void Start() {
    asio::post(io_, WithMutex(start_memory_, [](Listener& self) {
                 self.AcceptSoon();
                 self.WatchIdle();
               }));
  }

  // Does not throw. On return the port is free and no client's command is begun any more, though
  // the sockets are closed later.
  void Stop() {
    if (stop_asked_.exchange(true)) return;
    ::shutdown(descriptor_, SHUT_RDWR);
    CloseAll();
    asio::post(io_, WithMutex(stop_memory_, [](Listener& self) {
                 self.stopped_ = true;  // no client is accepted from now on
                 error_code ignored;
                 self.acceptor_.close(ignored);
                 self.accept_timer_.cancel();
                 self.idle_timer_.cancel();
                 self.CloseAll();
               }));
  }

 private:
  void CloseAll() {
    state_->clients.ForEach([](const Client& client) { client.close(); });
  }

  void AcceptSoon() {
    acceptor_.async_wait(tcp::acceptor::wait_read,
                         WithMutex(accept_memory_, [](Listener& self, error_code error) {
                           if (error) return self.PauseAccepting();
                           self.AcceptWaiting();
                         }));
  }

  void AcceptWaiting() {
    for (int accepted = 0; accepted < kMostAcceptedAtOnce; ++accepted) {
      const int descriptor = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (descriptor >= 0) {
        Welcome(descriptor);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        break;
      } else if (errno != EINTR && errno != ECONNABORTED) {
        return PauseAccepting();
      }
    }
    if (!watches_idle_) WatchIdle();
    AcceptSoon();
  }

  // Out of descriptors or memory: trying again at once would only spin.
  void PauseAccepting() {
    try {
      accept_timer_.expires_after(kAcceptPause);
      accept_timer_.async_wait(
          WithMutex(pause_memory_, [](Listener& self, error_code) { self.AcceptWaiting(); }));
    } catch (const std::bad_alloc&) {
      AcceptSoon();
    }
  }

  // Owns `descriptor`.
  void Welcome(int descriptor) {
    const int64_t most = state_->settings.maxclients.load(std::memory_order_relaxed);
    Connection::DescriptorPlace place;
    if (state_->clients.size() >= static_cast<size_t>(most)) return Refuse(descriptor);
    if (descriptors_ != nullptr) {
      place = descriptors_->Take();
      if (!place) return Refuse(descriptor);
    }
    try {
      error_code error;
      Socket socket(io_);
      socket.assign(acceptor_.local_endpoint(error).protocol(), descriptor, error);
      if (error) {
        ::close(descriptor);
        return;
      }
      descriptor = -1;
      const auto connection = std::make_shared<Connection>(
          state_, std::move(socket), std::move(place), output_bound_bytes_,
          tls_ == nullptr ? nullptr : tls_->native_handle());
      connection->Start(handshake_timeout_);
      // A stop may have passed it by.
      if (stop_asked_.load()) connection->Close();
      Counters::Add(state_->counters.connections_received);
    } catch (const std::bad_alloc&) {
      if (descriptor >= 0) ::close(descriptor);
      Counters::Add(state_->counters.rejected_connections);
    }
  }

  // Owns `descriptor`. A client that speaks TLS would not understand the error before its
  // handshake.
  void Refuse(int descriptor) {
    Counters::Add(state_->counters.rejected_connections);
    if (tls_ == nullptr) {
      constexpr std::string_view kRefusal = "-ERR max number of clients reached\r\n";
      static_cast<void>(::send(descriptor, kRefusal.data(), kRefusal.size(), MSG_NOSIGNAL));
      // Unread bytes would turn the close into a reset, which may overtake the error.
      std::array<char, 4096> unread;
      ::shutdown(descriptor, SHUT_WR);
      static_cast<void>(::recv(descriptor, unread.data(), unread.size(), MSG_DONTWAIT));
    }
    ::close(descriptor);
  }

  // If starting the timer fails, the next accepted client tries again.
  void WatchIdle() {
    watches_idle_ = false;
    try {
      idle_timer_.expires_after(kIdleCheck);
      idle_timer_.async_wait(WithMutex(idle_memory_, [](Listener& self, error_code error) {
        if (error) return;
        self.CloseIdle();
        self.CheckOutput();
        self.state_->timeouts.RunDue(self.state_->node.clock.Now());
        self.state_->run->NotePeakUsed(self.state_->node.keyspace.UsedBytes());
        self.WatchIdle();
      }));
      watches_idle_ = true;
    } catch (const std::bad_alloc&) {
    }
  }

  // Redis counts whole seconds of the clock between the client's last interaction and now.
  void CloseIdle() {
    const int64_t timeout_s = state_->settings.timeout_s.load(std::memory_order_relaxed);
    if (timeout_s == 0) return;
    const store::TimeMs now_s = state_->node.clock.Now() / 1000;
    state_->clients.ForEach([&](const Client& client) {
      const store::TimeMs last_s = client.last_active.load(std::memory_order_relaxed) / 1000;
      if (now_s - last_s > timeout_s) client.close_if_idle();
    });
  }

  // A soft limit may end for a client that neither sends nor receives.
  void CheckOutput() {
    const OutputLimits& limits = state_->settings.output_limits;
    state_->clients.ForEach([&](const Client& client) {
      const size_t waiting = client.output_bytes.load(std::memory_order_relaxed);
      const ClientClass of = client.client_class.load(std::memory_order_relaxed);
      if (waiting > 0 && waiting >= limits.LeastBytes(of)) client.notify();
    });
  }

  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock,
                                 asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;
  asio::io_context& io_;
  const std::shared_ptr<ServerState> state_;
  const size_t output_bound_bytes_;
  const std::chrono::milliseconds handshake_timeout_;
  const std::shared_ptr<asio::ssl::context> tls_;
  const std::shared_ptr<api::DescriptorBudget> descriptors_;
  int descriptor_ = -1;  // acceptor_'s; set by Listen
  std::atomic<bool> stop_asked_{false};
  api::HandlerMemory start_memory_, stop_memory_, accept_memory_, pause_memory_, idle_memory_;

  std::mutex mutex_;  // guards all that follows
  asio::basic_socket_acceptor<tcp, IoExecutor> acceptor_;
  Timer accept_timer_;
  Timer idle_timer_;
  bool watches_idle_ = false;
  bool stopped_ = false;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(asio::io_context& io, api::Node& node,
                                                      const ServerOptions& options) {
  // Not owned: the last copy destroys nothing.
  return Start(io, std::shared_ptr<api::Node>(std::shared_ptr<void>(), &node), options);
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(asio::io_context& io,
                                                      std::shared_ptr<api::Node> node,
                                                      const ServerOptions& options) {
  try {
    return StartOrThrow(io, std::move(node), options);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("no memory left for a Redis server");
  }
}

absl::StatusOr<std::unique_ptr<Server>> Server::StartOrThrow(asio::io_context& io,
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
  if (options.descriptors != nullptr) state->settings.LimitClients(options.descriptors->clients());

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
