#include "tools/serve_options.h"

#include <CLI/CLI.hpp>
#include <limits>

#include "api/rest/identifiers.h"

namespace dcs::tools {
namespace {

const CLI::Validator kProjectId(
    [](std::string& text) {
      return rest::IsProjectId(text) ? std::string()
                                     : text + " is not a project ID: 32 hex digits or a UUID";
    },
    "ID");

const CLI::Validator kInstanceId(
    [](std::string& text) {
      return rest::IsUuid(text) ? std::string() : text + " is not an instance ID: a UUID";
    },
    "UUID");

const CLI::Validator kPowerOfTwo(
    [](std::string& text) {
      const bool one_bit = text == "1" || text == "2" || text == "4" || text == "8" ||
                           text == "16" || text == "32" || text == "64";
      return one_bit ? std::string() : text + " is not a power of two from 1 to 64";
    },
    "POWER_OF_TWO");

}  // namespace

void AddServeOptions(CLI::App& app, ServeOptions& options) {
  constexpr auto kForever = std::numeric_limits<int32_t>::max();
  app.add_option("--bind", options.bind, "Address to listen on")->capture_default_str();
  app.add_option("--http-port", options.http_port, "Port of the DCS API; 0: choose one")
      ->capture_default_str();
  app.add_option("--resp-port", options.resp_port, "Port for Redis clients; 0: choose one")
      ->capture_default_str();
  app.add_option("--project-id", options.project_id, "The one project there is")
      ->check(kProjectId)
      ->capture_default_str();
  app.add_option("--instance-id", options.instance_id, "The instance")
      ->check(kInstanceId)
      ->capture_default_str();
  app.add_option("--region", options.region, "Name of the region and so of its project")
      ->capture_default_str();
  app.add_option("--engine-version", options.engine_version, "Redis version of the instance")
      ->check(CLI::IsMember({"3.0", "4.0", "5.0", "6.0", "7.0"}))
      ->capture_default_str();
  app.add_option("--access-key", options.access_key, "Whose signatures are accepted")
      ->capture_default_str();
  app.add_option("--secret-key", options.secret_key, "The key they are made with")
      ->capture_default_str();
  app.add_option("--token", options.token, "What is accepted as X-Auth-Token; empty: nothing")
      ->capture_default_str();
  app.add_flag("--no-auth", options.no_auth, "Let everybody use the DCS API");
  app.add_option("--password", options.password, "What Redis clients must give; empty: nothing");
  app.add_option("--io-threads", options.io_threads, "Threads that serve Redis clients")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--shards", options.shards, "Parts of the keyspace with a lock each")
      ->check(kPowerOfTwo)
      ->capture_default_str();
  app.add_option("--natural-deletion", options.natural_deletion,
                 "What releases expired keys by itself: off; redis, as Redis 7 does; dcs, at the "
                 "rate that DCS documents")
      ->check(CLI::IsMember({"off", "redis", "dcs"}))
      ->capture_default_str();
  scanner::Pacing& pacing = options.scans.manual;
  app.add_option("--scan-step-ms", pacing.step_interval_ms, "Time between steps of a manual scan")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--scan-keys-per-step", pacing.keys_per_step, "Keys a step looks at")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  app.add_option("--scan-timeout-ms", pacing.timeout_ms, "When a manual scan has failed")
      ->check(CLI::Range(1, kForever))
      ->capture_default_str();
  app.add_option("--history-limit", options.scans.history_limit, "Ended scans that are remembered")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--log-level", options.log_level, "Least important message to log")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
}

}  // namespace dcs::tools
