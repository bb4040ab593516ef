// The RESP port of a node: accepts clients and keeps the rules that concern all of them.
//
//   boost::asio::io_context io;
//   auto server = Server::Start(io, node, {.port = 0});
//   if (!server.ok()) ...             // "cannot listen on 127.0.0.1:6379: Address already in use"
//   std::thread worker([&] { io.run(); });
//   (*server)->port();                // the one that was chosen
//   (*server)->Stop();                // io.run() returns when the connections have ended
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "api/descriptor_budget.h"
#include "api/node.h"
#include "api/resp/server/server_state.h"

namespace dcs::resp {

struct ServerOptions {
  std::string host = "127.0.0.1";  // an IP address
  uint16_t port = 0;               // 0: the system chooses
  // Bytes of replies that may wait for a client before nothing more is read from it.
  size_t output_bound_bytes = size_t{32} << 20;
  // As for CONFIG SET, in force from the start: {"maxclients", "100"}, {"timeout", "60"}.
  std::vector<std::pair<std::string, std::string>> parameters = {};
  // If set, clients speak TLS and nothing else.
  std::shared_ptr<boost::asio::ssl::context> tls = nullptr;
  // Real time. A TLS client whose handshake takes longer is disconnected.
  std::chrono::milliseconds handshake_timeout{10'000};
  // Seeds RANDOMKEY's choices; chosen at random if not given.
  std::optional<uint64_t> seed = {};
  // The descriptors that the clients of all servers share. The initial maxclients is at most as many,
  // and CONFIG SET refuses more. nullptr: no bound but maxclients.
  std::shared_ptr<api::DescriptorBudget> descriptors = nullptr;
};

// Thread safety: all members may be called from any thread. One or more threads may run the
// io_context; each connection is served by one of them at a time. Handlers under way keep what they
// need alive, a shared node too; one that is not must outlive the running of the io_context.
class Server {
 public:
  // Listens when it returns, accepts when the io_context runs. Sets node.resp_port.
  // Errors: kUnavailable if the address cannot be listened on, kInvalidArgument for a host that is
  // not an IP address or a parameter that CONFIG SET would refuse, kResourceExhausted if there is no
  // memory.
  static absl::StatusOr<std::unique_ptr<Server>> Start(boost::asio::io_context& io, api::Node& node,
                                                       const ServerOptions& options);
  static absl::StatusOr<std::unique_ptr<Server>> Start(boost::asio::io_context& io,
                                                       std::shared_ptr<api::Node> node,
                                                       const ServerOptions& options);
  // Stops.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Stops listening, which frees the port, and closes all connections; replies not yet written are
  // lost. Returns at once: the io_context closes them. No command is begun after it returns, whatever clients
  // still send. Does not throw.
  void Stop();

  uint16_t port() const { return port_; }
  // Counters, settings and clients.
  ServerState& state() { return *state_; }

 private:
  class Listener;
  static absl::StatusOr<std::unique_ptr<Server>> StartOrThrow(boost::asio::io_context& io,
                                                              std::shared_ptr<api::Node> node,
                                                              const ServerOptions& options);
  Server(std::shared_ptr<ServerState> state, std::shared_ptr<Listener> listener, uint16_t port);

  const std::shared_ptr<ServerState> state_;
  const std::shared_ptr<Listener> listener_;
  const uint16_t port_;
};

}  // namespace dcs::resp
