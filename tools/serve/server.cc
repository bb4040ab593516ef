#include "tools/serve/server.h"

#include <spdlog/spdlog.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <map>
#include <random>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "api/resp/server/node_front.h"
#include "api/run_io.h"
#include "api/state/restore.h"
#include "api/tls_context.h"
#include "tools/real_time.h"
#include "tools/serve/access.h"
#include "tools/serve/bind_check.h"

namespace dcs::tools {
namespace {

const std::map<std::string, api::NaturalDeletionKind, std::less<>> kNaturalDeletionKinds = {
    {"off", api::NaturalDeletionKind::kOff},
    {"redis", api::NaturalDeletionKind::kRedis},
    {"dcs", api::NaturalDeletionKind::kDcs}};

uint64_t RandomSeed() {
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

std::string NewId() {
  static thread_local boost::uuids::random_generator generate;
  return to_string(generate());
}

// The CPU share of natural deletion is measured in its thread's CPU time, not in real time.
int64_t NaturalDeletionMicros(const scanner::NaturalDeletion::Work&) {
  return ThreadCpuNanos() / 1000;
}

// Whether the port is free. Binds to it for a moment but does not listen, so no client connects.
bool CanListen(boost::asio::io_context& io, const std::string& host, uint16_t port) {
  using boost::asio::ip::tcp;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) return false;
  const tcp::endpoint endpoint(address, port);
  tcp::acceptor probe(io);
  probe.open(endpoint.protocol(), error);
  if (!error) probe.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) probe.bind(endpoint, error);
  return !error;
}

// Returns nullptr if the options name no certificate.
absl::StatusOr<std::shared_ptr<boost::asio::ssl::context>> TlsFrom(const ServeOptions& options) {
  if (options.tls_certificate.empty()) return nullptr;
  return api::MakeTlsContext(options.tls_certificate, options.tls_key);
}

constexpr int64_t kDefaultMaxClients = 10'000;

// Raises the limit of open files and divides it.
absl::StatusOr<api::DescriptorPlan> PlanFor(const ServeOptions& options) {
  const auto plan = api::PlanDescriptors(
      api::RaiseDescriptorLimit(), static_cast<int64_t>(rest::HttpServerOptions().max_connections),
      static_cast<int64_t>(options.lifecycle.max_instances));
  if (plan.ok() && plan->redis_clients < kDefaultMaxClients) {
    spdlog::warn(
        "maxclients is capped at {} instead of {}: this process may open {} files, {} of them are "
        "reserved for the API and the server itself; 'ulimit -n' raises the limit",
        plan->redis_clients, kDefaultMaxClients, plan->limit, plan->limit - plan->redis_clients);
  }
  return plan;
}

// REQUIRES: the bind address is an IP address. On an address that other machines can reach, the
// server may have any name, so Host is checked only if the user lists the allowed names.
rest::OriginPolicy OriginPolicyFrom(const ServeOptions& options) {
  rest::HostRule hosts = rest::HostRule::kLoopback;
  if (!*IsLoopbackBind(options.bind)) {
    hosts = options.allowed_hosts.empty() ? rest::HostRule::kAny : rest::HostRule::kAddresses;
  }
  return {.hosts = hosts,
          .allowed_hosts = options.allowed_hosts,
          .allowed_origins = options.allowed_origins};
}

}  // namespace

std::string HostAndPort(const std::string& host, uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServeOptions& options) {
  absl::StatusOr<rest::AccessList> access = AccessFrom(options);
  if (!access.ok()) return access.status();
  if (absl::Status status = CheckBind(options, *access); !status.ok()) return status;
  auto tls = TlsFrom(options);
  if (!tls.ok()) return tls.status();
  const auto descriptors = PlanFor(options);
  if (!descriptors.ok()) return descriptors.status();
  absl::StatusOr<SavedState> saved = FindSavedState(options);
  if (!saved.ok()) return saved.status();
  std::unique_ptr<Server> server(new Server(options, *std::move(tls), *descriptors, saved->clock));
  if (absl::Status status = server->RestoreState(options, *saved); !status.ok()) return status;
  if (absl::Status status = CheckRestoredInstances(options, server->registry_); !status.ok()) {
    return status;
  }
  if (absl::Status status = server->Listen(options, *std::move(access)); !status.ok()) {
    return status;
  }
  absl::Status kept = server->KeepState(std::move(saved->survey.state.removed));
  if (!kept.ok()) return kept;
  if (absl::Status status = server->StartThreads(options.io_threads); !status.ok()) return status;
  return server;
}

// After an error the destructor ends the threads already started.
absl::Status Server::StartThreads(int io_threads) {
  try {
    threads_.reserve(static_cast<size_t>(1 + io_threads));
    threads_.emplace_back([this] { api::RunIo(control_); });
    for (int i = 0; i < io_threads; ++i) threads_.emplace_back([this] { api::RunIo(clients_); });
    return absl::OkStatus();
  } catch (const std::system_error& error) {
    return absl::ResourceExhaustedError(std::string("cannot start a thread: ") + error.what());
  }
}

Server::Server(const ServeOptions& options, TlsContext tls, const api::DescriptorPlan& descriptors,
               const std::optional<api::ClockState>& clock)
    : tls_(std::move(tls)),
      descriptors_(descriptors),
      control_(1),
      clients_(options.io_threads),
      control_work_(control_.get_executor()),
      clients_work_(clients_.get_executor()),
      time_(control_, options, clock),
      lifecycle_(time_.scheduler(), registry_, LifecycleOptionsFrom(options), Parts(options)) {}

api::LifecycleOptions Server::LifecycleOptionsFrom(const ServeOptions& options) {
  api::LifecycleOptions lifecycle = options.lifecycle;
  lifecycle.host = options.bind;
  lifecycle.natural_deletion = kNaturalDeletionKinds.at(options.natural_deletion);
  lifecycle.scans = options.scans;
  lifecycle.auto_scan.step_interval_ms = options.scans.manual.step_interval_ms;
  return lifecycle;
}

api::LifecycleParts Server::Parts(const ServeOptions& options) {
  return {.new_id = NewId,
          .keyspace_options =
              [this, shards = options.shards] {
                store::KeyspaceOptions keyspace;
                keyspace.shards = shards;
                keyspace.seed = RandomSeed();
                // The epoch is a year back, so that keys of a snapshot which expired within the
                // last year keep their deadlines to the millisecond.
                keyspace.epoch = time_.clock().Now() - int64_t{365} * 24 * 3600 * 1000;
                return keyspace;
              },
          .work_meter = NaturalDeletionMicros,
          .new_front = resp::NodeFrontFactory(
              clients_,
              {.tls = tls_,
               .descriptors = std::make_shared<api::DescriptorBudget>(descriptors_.redis_clients)}),
          .can_listen = [this, host = options.bind](
                            uint16_t port) { return CanListen(control_, host, port); },
          .real_time = &time_.real_scheduler()};
}

absl::Status Server::LaunchInstance(const ServeOptions& options) {
  if (const api::Instance* restored = registry_.Find(options.instance_id)) {
    node_ = restored->nodes.front();
    resp_port_ = node_->resp_port;
    return absl::OkStatus();
  }
  api::InstanceSpec spec = SpecFrom(options, options.instance_id);
  // A reset keeps the port that was chosen at the start.
  if (resp_port_ != 0) spec.port = resp_port_;
  const auto launched = lifecycle_.Launch(std::move(spec));
  if (!launched.ok()) return launched.status();
  node_ = (*launched)->nodes.front();
  if (resp_port_ == 0) resp_port_ = node_->resp_port;
  return absl::OkStatus();
}

absl::Status Server::Listen(const ServeOptions& options, rest::AccessList access) {
  rest::ApiOptions api;
  api.project_id = options.project_id;
  api.project_name = options.region;
  api.authentication = !options.no_auth;
  api.access = std::move(access);
  api.lock_keys = !options.no_key_lock;
  api.sim_token = options.sim_token;
  api.origins = OriginPolicyFrom(options);
  api.token_lifetime_ms = options.token_lifetime_ms;
  if (tls_ != nullptr) api.url_scheme = "https";
  if (state_directory_ != nullptr) {
    api.keeping = [this] { return state_keeper_->problem(); };
    api.save_keys = [this](std::string_view instance_id, size_t number, api::Node& node) {
      auto size = SaveNode(instance_id, number, node);
      // Writes the state: it now lists keys and, under a virtual clock, their time.
      boost::asio::post(control_, [this, id = std::string(instance_id)] {
        state_keeper_->Changed(id);
        state_keeper_->ClockChanged();
      });
      return size;
    };
  }
  api.time_control = time_.control();
  api.signing_clock = &time_.real_clock();
  reset_ = std::make_unique<Reset>(
      control_, lifecycle_, [this] { time_.Restart(); },
      [this, options] { return LaunchInstance(options); });
  api.reset = [this](Reset::Done done) { reset_->Run(std::move(done)); };
  api.meter = {.real_ns = RealNanos, .thread_cpu_ns = ThreadCpuNanos};
  api_ = std::make_unique<rest::Api>(lifecycle_, time_.clock(), std::move(api));

  rest::HttpServerOptions http;
  http.tls = tls_;
  http.bind_address = options.bind;
  http.port = options.http_port;
  http.max_connections = static_cast<size_t>(descriptors_.http_connections);
  auto http_server = rest::HttpServer::Start(
      control_, http,
      [this](rest::HttpRequest request) { return api_->Handle(std::move(request)); },
      [this](const rest::HttpRequest& head) { return api_->CheckHead(head); });
  if (!http_server.ok()) return http_server.status();
  http_ = *std::move(http_server);

  return LaunchInstance(options);
}

Server::~Server() { Stop().IgnoreError(); }

void Server::StopControl() {
  scanner::HistoryQuery unfinished{.limit = SIZE_MAX, .status = scanner::ScanStatus::kRunning};
  for (const auto& instance : registry_.instances()) {
    for (const scanner::ScanTask& task : instance->scans->Histories(unfinished).records) {
      spdlog::warn("scan {} ends as failed after {} keys: the server is shutting down", task.id,
                   task.visited);
    }
  }
  time_.Stop();
  reset_->Stop();
  lifecycle_.Stop("the server is shutting down");
  if (http_ != nullptr) http_->Stop();
  control_work_.reset();
  clients_work_.reset();
}

absl::Status Server::Stop() {
  if (threads_.empty()) return absl::OkStatus();
  boost::asio::post(control_, [this] { StopControl(); });
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  return SaveState();
}

// ---- Saved state ---------------------------------------------------------------------------------

absl::Status Server::RestoreState(const ServeOptions& options, SavedState& saved) {
  state_directory_ = std::move(saved.directory);
  if (state_directory_ == nullptr) return absl::OkStatus();
  for (const api::InstanceRecord& instance : saved.survey.state.instances) {
    if (!absl::EqualsIgnoreCase(instance.spec.id, options.instance_id)) continue;
    for (const std::string& sentence : OverriddenOptions(options, instance)) {
      spdlog::warn("{}", sentence);
    }
  }
  return state::Restore(*state_directory_, saved.survey, lifecycle_, time_.clock());
}

absl::Status Server::KeepState(std::vector<state::RemovedInstance> removed) {
  if (state_directory_ == nullptr) return absl::OkStatus();
  state_keeper_ = std::make_unique<state::StateKeeper>(
      registry_, *state_directory_, [this] { return time_.state(); }, std::move(removed),
      [this](std::function<void()> fn) { boost::asio::post(control_, std::move(fn)); });
  lifecycle_.change_listeners().Add(
      [this](const api::Instance& instance) { state_keeper_->Changed(instance.id()); });
  time_.AddChangeListener([this] { state_keeper_->ClockChanged(); });
  return state_keeper_->WriteNow();
}

absl::StatusOr<store::SnapshotSize> Server::SaveNode(std::string_view instance_id, size_t number,
                                                     api::Node& node) {
  auto size = state_directory_->SaveKeys({.instance_id = std::string(instance_id),
                                          .node = number,
                                          .generation = node.generation,
                                          .saved_at = node.clock.Now(),
                                          .virtual_clock = time_.control() != nullptr},
                                         node.keyspace);
  if (size.ok()) node.has_saved_keys = true;
  return size;
}

absl::Status Server::SaveState() {
  absl::Status all;
  if (state_keeper_ == nullptr) return all;
  for (const auto& instance : registry_.instances()) {
    if (instance->phase == api::InstancePhase::kDeleting) continue;
    for (size_t i = 0; i < instance->nodes.size(); ++i) {
      const auto saved = SaveNode(instance->id(), i, *instance->nodes[i]);
      if (saved.ok()) continue;
      spdlog::error("could not save keys: {}", std::string(saved.status().message()));
      all.Update(saved.status());
    }
    state_keeper_->Changed(instance->id());
  }
  absl::Status state = state_keeper_->Stop();
  if (!state.ok()) spdlog::error("could not save the state: {}", std::string(state.message()));
  all.Update(state);
  return all;
}

}  // namespace dcs::tools
