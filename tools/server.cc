#include "tools/server.h"

#include <spdlog/spdlog.h>
#include <time.h>

#include <boost/asio/post.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <map>
#include <random>
#include <string_view>
#include <utility>

#include "scanner/keyspace_target.h"
#include "scanner/natural_deletion.h"

namespace dcs::tools {
namespace {

// What INFO calls the engine: the last release of each series that DCS offers.
const std::map<std::string, std::string, std::less<>> kRedisVersions = {
    {"3.0", "3.0.7"}, {"4.0", "4.0.14"}, {"5.0", "5.0.14"}, {"6.0", "6.0.20"}, {"7.0", "7.0.15"}};

uint64_t RandomSeed() {
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

std::string NewScanId() {
  static thread_local boost::uuids::random_generator generate;
  return to_string(generate());
}

int64_t ReadNanos(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

int64_t RealNanos() { return ReadNanos(CLOCK_MONOTONIC); }
int64_t ThreadCpuNanos() { return ReadNanos(CLOCK_THREAD_CPUTIME_ID); }

// Natural deletion's share is of its thread's CPU time, not of the wall clock.
int64_t NaturalDeletionMicros(uint64_t) { return ThreadCpuNanos() / 1000; }

}  // namespace

std::string HostAndPort(const std::string& host, uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServeOptions& options) {
  std::unique_ptr<Server> server(new Server(options));
  if (absl::Status status = server->Listen(options); !status.ok()) return status;
  server->threads_.emplace_back([s = server.get()] { s->control_.run(); });
  for (int i = 0; i < options.io_threads; ++i) {
    server->threads_.emplace_back([s = server.get()] { s->clients_.run(); });
  }
  return server;
}

Server::Server(const ServeOptions& options)
    : control_(1),
      clients_(options.io_threads),
      control_work_(control_.get_executor()),
      clients_work_(clients_.get_executor()),
      scheduler_(control_, clock_) {
  AddInstance(options);
}

void Server::AddInstance(const ServeOptions& options) {
  store::KeyspaceOptions keyspace;
  keyspace.shards = options.shards;
  keyspace.seed = RandomSeed();
  keyspace.epoch = clock_.Now();
  auto node = std::make_unique<api::Node>(keyspace, clock_);
  node->engine_version = kRedisVersions.at(options.engine_version);
  node->password = options.password;
  node->host = options.bind;
  node->natural_deletion = std::make_unique<scanner::NaturalDeletion>(
      scheduler_, node->keyspace,
      options.natural_deletion == "dcs" ? scanner::DcsNaturalDeletion()
                                        : scanner::RedisNaturalDeletion(1),
      NaturalDeletionMicros);
  node->natural_deletion->set_enabled(options.natural_deletion != "off");
  node->natural_deletion->Start();

  auto instance = std::make_unique<api::Instance>();
  instance->id = options.instance_id;
  instance->project_id = options.project_id;
  instance->name = "dcs-sim";
  instance->engine_version = options.engine_version;
  store::Keyspace& scanned = node->keyspace;
  instance->scans = std::make_unique<scanner::ScanService>(
      scheduler_,
      [this, &scanned] { return std::make_unique<scanner::KeyspaceTarget>(scanned, clock_); },
      NewScanId, options.scans);
  instance->nodes.push_back(std::move(node));
  instance_ = &registry_.Add(std::move(instance));
}

absl::Status Server::Listen(const ServeOptions& options) {
  rest::ApiOptions api;
  api.project_id = options.project_id;
  api.project_name = options.region;
  api.authentication = !options.no_auth;
  api.credentials = {{options.access_key, options.secret_key}};
  api.token = options.token;
  api.meter = {.real_ns = RealNanos, .thread_cpu_ns = ThreadCpuNanos};
  api_ = std::make_unique<rest::Api>(registry_, clock_, std::move(api));

  rest::HttpServerOptions http;
  http.bind_address = options.bind;
  http.port = options.http_port;
  auto http_server = rest::HttpServer::Start(
      control_, http, [this](const rest::HttpRequest& request) { return api_->Handle(request); });
  if (!http_server.ok()) return http_server.status();
  http_ = *std::move(http_server);

  resp::ServerOptions resp;
  resp.host = options.bind;
  resp.port = options.resp_port;
  auto resp_server = resp::Server::Start(clients_, node(), resp);
  if (!resp_server.ok()) return resp_server.status();
  resp_ = *std::move(resp_server);
  return absl::OkStatus();
}

Server::~Server() { Stop(); }

void Server::StopControl() {
  scanner::HistoryQuery unfinished{.limit = SIZE_MAX, .status = scanner::ScanStatus::kRunning};
  for (const scanner::ScanTask& task : instance_->scans->Histories(unfinished).records) {
    spdlog::warn("scan {} ends as failed after {} keys: the server is shutting down", task.id,
                 task.visited);
  }
  instance_->scans->Stop("the server is shutting down");
  node().natural_deletion->Stop();
  if (http_ != nullptr) http_->Stop();
  control_work_.reset();
}

void Server::Stop() {
  if (threads_.empty()) return;
  if (resp_ != nullptr) resp_->Stop();
  clients_work_.reset();
  boost::asio::post(control_, [this] { StopControl(); });
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace dcs::tools
