// The running simulator: one instance, its node, both fronts, and the threads that serve them.
//
//   StatusOr<unique_ptr<Server>> server = Server::Start(options);
//   server->http_port(); server->resp_port();
//   server->Stop();
//
// Threads: one serves the API and runs scans and natural deletion; one works on the API's long
// answers; `io_threads` serve Redis clients. All wait inside the server; Start and Stop are called
// from another.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "api/asio_scheduler.h"
#include "api/registry.h"
#include "api/resp/server.h"
#include "api/rest/api.h"
#include "api/rest/http_server.h"
#include "store/clock.h"
#include "tools/serve_options.h"

namespace dcs::tools {

class Server {
 public:
  // Listens on both ports before it returns. Errors: kUnavailable where a port is in use,
  // kInvalidArgument for an address that is none; nothing is left running then.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServeOptions& options);
  // Ends as Stop does.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t http_port() const { return http_->port(); }
  uint16_t resp_port() const { return resp_->port(); }
  api::Node& node() { return instance_->master(); }

  // Scans end as failed, both fronts close once a sweep or census under way has been answered, all
  // threads have ended on return. Idempotent.
  void Stop();

 private:
  using WorkGuard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

  explicit Server(const ServeOptions& options);
  absl::Status Listen(const ServeOptions& options);
  void AddInstance(const ServeOptions& options);
  void StopControl();

  store::WallClock clock_;
  boost::asio::io_context control_;  // API, scans, natural deletion: one thread
  boost::asio::io_context clients_;  // Redis clients
  WorkGuard control_work_;
  WorkGuard clients_work_;
  api::AsioScheduler scheduler_;
  api::Registry registry_;
  api::Instance* instance_ = nullptr;  // in registry_
  std::unique_ptr<rest::Api> api_;
  std::unique_ptr<rest::HttpServer> http_;
  std::unique_ptr<resp::Server> resp_;
  std::vector<std::thread> threads_;
};

// "HOST:PORT", with brackets around an IPv6 address.
std::string HostAndPort(const std::string& host, uint16_t port);

}  // namespace dcs::tools
