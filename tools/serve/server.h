// The running simulator: its instances, both fronts (DCS API and Redis), and their threads.
//
//   StatusOr<unique_ptr<Server>> server = Server::Start(options);
//   server->http_port(); server->resp_port();
//   server->Stop();
//
// Threads: one serves the API and runs scans and natural deletion; one computes the API's long
// answers; with --state-dir, one writes the state; `io_threads` serve the Redis clients of all
// instances. All are joined by the server. Call Start and Stop from another thread.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "api/descriptor_budget.h"
#include "api/lifecycle.h"
#include "api/registry.h"
#include "api/rest/api.h"
#include "api/rest/http_server.h"
#include "api/state/state_directory.h"
#include "api/state/state_keeper.h"
#include "tools/serve/reset.h"
#include "tools/serve/saved_state.h"
#include "tools/serve/serve_options.h"
#include "tools/serve/time_source.h"

namespace dcs::tools {

class Server {
 public:
  // Restores the state directory, listens on both ports and writes the state before it returns.
  // Errors: those of the state directory; kUnavailable if a port is in use or the state cannot be
  // written; kInvalidArgument for an invalid address; kFailedPrecondition for an unprotected
  // address that other machines can reach (bind_check.h). After an error nothing is running, and no
  // file of the directory was removed.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServeOptions& options);
  // Calls Stop.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t http_port() const { return http_->port(); }
  // The Redis port of the options' instance.
  uint16_t resp_port() const { return resp_port_; }
  // The node of that instance; a reset replaces it.
  api::Node& node() { return *node_; }

  // Fails running scans, closes both fronts after a sweep or census under way is answered, ends all
  // threads and saves the state, keys included. Errors: the first reason why saving failed; the
  // rest of Stop is done anyway. Idempotent.
  absl::Status Stop();

 private:
  using WorkGuard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

  using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

  Server(const ServeOptions& options, TlsContext tls, const api::DescriptorPlan& descriptors,
         const std::optional<api::ClockState>& clock);
  absl::Status Listen(const ServeOptions& options, rest::AccessList access);
  absl::Status LaunchInstance(const ServeOptions& options);
  static api::LifecycleOptions LifecycleOptionsFrom(const ServeOptions& options);
  api::LifecycleParts Parts(const ServeOptions& options);
  absl::Status StartThreads(int io_threads);
  void StopControl();
  // For --state-dir: called at the start, after restoring and listening, and at the end.
  absl::Status RestoreState(const ServeOptions& options, SavedState& saved);
  absl::Status KeepState(std::vector<state::RemovedInstance> removed);
  absl::Status SaveState();
  absl::StatusOr<store::SnapshotSize> SaveNode(std::string_view instance_id, size_t number,
                                               api::Node& node);

  const TlsContext tls_;  // nullptr: no TLS
  const api::DescriptorPlan descriptors_;
  boost::asio::io_context control_;  // API, scans, natural deletion: one thread
  boost::asio::io_context clients_;  // Redis clients
  WorkGuard control_work_;
  WorkGuard clients_work_;
  TimeSource time_;
  api::Registry registry_;
  std::unique_ptr<state::StateDirectory> state_directory_;  // nullptr: nothing is saved
  std::unique_ptr<state::StateKeeper> state_keeper_;        // notified by lifecycle_ until it ends
  api::Lifecycle lifecycle_;
  uint16_t resp_port_ = 0;
  std::shared_ptr<api::Node> node_;  // may belong to a deleted instance
  std::unique_ptr<Reset> reset_;
  std::unique_ptr<rest::Api> api_;
  std::unique_ptr<rest::HttpServer> http_;
  std::vector<std::thread> threads_;
};

// "HOST:PORT", with brackets around an IPv6 address.
std::string HostAndPort(const std::string& host, uint16_t port);

}  // namespace dcs::tools
