// The running simulator: its instances, both fronts, and the threads that serve them.
//
//   StatusOr<unique_ptr<Server>> server = Server::Start(options);
//   server->http_port(); server->resp_port();
//   server->Stop();
//
// Threads: one serves the API and runs scans and natural deletion; one works on the API's long
// answers; with --state-dir, one writes the state down; `io_threads` serve the Redis clients of all
// instances. All wait inside the server; Start and Stop are called from another.
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
  // Brings back what the state directory holds, listens on both ports and writes the state, before it
  // returns. Errors: the state directory's; kUnavailable if a port is in use or the state cannot be
  // written; kInvalidArgument for an address that is none; kFailedPrecondition for an address that
  // other machines reach, without protection (bind_check.h). Nothing is left running then, and no file
  // of the directory was removed.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServeOptions& options);
  // Ends as Stop does.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t http_port() const { return http_->port(); }
  // Of the instance that the options name.
  uint16_t resp_port() const { return resp_port_; }
  // The same's; another one after a reset.
  api::Node& node() { return *node_; }

  // Scans end as failed, both fronts close once a sweep or census under way has been answered, all
  // threads have ended on return, and what there is to remember, keys included, is on the disk.
  // Errors: the first reason why it is not; everything else is done nevertheless. Idempotent.
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
  // For --state-dir: at the start, once all is restored and listens, and at the end.
  absl::Status RestoreState(const ServeOptions& options, SavedState& saved);
  absl::Status KeepState(std::vector<state::RemovedInstance> removed);
  absl::Status SaveState();
  absl::StatusOr<store::SnapshotSize> SaveNode(std::string_view instance_id, size_t number,
                                               api::Node& node);

  const TlsContext tls_;  // nullptr: none
  const api::DescriptorPlan descriptors_;
  boost::asio::io_context control_;  // API, scans, natural deletion: one thread
  boost::asio::io_context clients_;  // Redis clients
  WorkGuard control_work_;
  WorkGuard clients_work_;
  TimeSource time_;
  api::Registry registry_;
  std::unique_ptr<state::StateDirectory> state_directory_;  // none: nothing is kept
  std::unique_ptr<state::StateKeeper> state_keeper_;        // told by lifecycle_ until that ends
  api::Lifecycle lifecycle_;
  uint16_t resp_port_ = 0;
  std::shared_ptr<api::Node> node_;  // which a deleted instance may have left
  std::unique_ptr<Reset> reset_;
  std::unique_ptr<rest::Api> api_;
  std::unique_ptr<rest::HttpServer> http_;
  std::vector<std::thread> threads_;
};

// "HOST:PORT", with brackets around an IPv6 address.
std::string HostAndPort(const std::string& host, uint16_t port);

}  // namespace dcs::tools
