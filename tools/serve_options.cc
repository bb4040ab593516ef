#include "tools/serve_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <map>

#include "api/rest/identifiers.h"
#include "api/rest/origin_check.h"

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

// Leaves the value in the form in which the server compares it.
const CLI::Validator kHost(
    [](std::string& text) {
      const auto host = rest::NormalHost(text);
      if (!host) return text + " is not a host: a name or an IP address, without a port";
      text = *host;
      return std::string();
    },
    "HOST");

const CLI::Validator kOrigin(
    [](std::string& text) {
      const auto origin = rest::NormalOrigin(text);
      if (!origin) return text + " is not an origin: http://HOST[:PORT] or https://HOST[:PORT]";
      text = *origin;
      return std::string();
    },
    "ORIGIN");

// What an HTTP header can hold without a change.
const CLI::Validator kToken(
    [](std::string& text) {
      const bool visible = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < '\x7f';
      });
      return visible ? std::string() : std::string("the token must be visible ASCII characters");
    },
    "TOKEN");

// Who may reach what, beside the API's credentials.
void AddReachOptions(CLI::App& app, ServeOptions& options) {
  app.add_option(
         "--sim-token", options.sim_token,
         "What /_sim asks for, as X-Sim-Token or Authorization: Bearer; without it: nothing")
      ->envname("DCS_SIM_TOKEN")
      ->check(kToken);
  app.add_option("--allow-origin", options.allowed_origins,
                 "Origin whose web pages may use the API (CORS), such as http://localhost:3000; "
                 "repeatable")
      ->allow_extra_args(false)
      ->transform(kOrigin);
  app.add_option("--allow-host", options.allowed_hosts,
                 "Host that requests may name beside loopback addresses and localhost; repeatable")
      ->allow_extra_args(false)
      ->transform(kHost);
  app.add_flag("--insecure-bind", options.insecure_bind,
               "Listen on an address that other machines reach without --sim-token, keys of your "
               "own or --password");
}

void AddAccessOptions(CLI::App& app, ServeOptions& options) {
  CLI::Option* file = app.add_option(
      "--access-file", options.access_file,
      "JSON file of the access keys, users and tokens with their roles, in place of the next five");
  const auto add = [&](const char* name, std::string& value, const char* description) {
    app.add_option(name, value, description)->capture_default_str()->excludes(file);
  };
  add("--access-key", options.access_key, "Whose signatures are accepted");
  add("--secret-key", options.secret_key, "The key they are made with");
  add("--token", options.token, "What is accepted as X-Auth-Token; empty: nothing");
  add("--user", options.user, "Who may fetch tokens that expire");
  add("--user-password", options.user_password, "The password for that");
  app.add_option("--token-lifetime-ms", options.token_lifetime_ms, "When such a token expires")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40))
      ->capture_default_str();
  app.add_flag("--no-key-lock", options.no_key_lock,
               "Do not lock an access key or user for a client after five failures in a row");
}

void AddLifecycleOptions(CLI::App& app, api::LifecycleOptions& lifecycle) {
  const auto add = [&](const char* name, int64_t& ms, const char* description) {
    app.add_option(name, ms, description)
        ->check(CLI::Range(0, std::numeric_limits<int32_t>::max()))
        ->capture_default_str();
  };
  add("--create-ms", lifecycle.create_ms, "How long an instance is CREATING");
  add("--restart-ms", lifecycle.restart_ms, "How long it is RESTARTING");
  add("--soft-restart-ms", lifecycle.soft_restart_ms, "The same where only its process restarts");
  add("--flush-ms", lifecycle.flush_ms, "How long it is FLUSHING");
  add("--delete-ms", lifecycle.delete_ms, "How long it is DELETING");
  app.add_option("--max-instances", lifecycle.max_instances, "How many there may be")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
}

}  // namespace

void AddServeOptions(CLI::App& app, ServeOptions& options) {
  constexpr auto kForever = std::numeric_limits<int32_t>::max();
  app.add_option("--bind", options.bind,
                 "Address to listen on; one that is not loopback needs --sim-token, keys of your "
                 "own, and --password, or --insecure-bind")
      ->capture_default_str();
  app.add_option("--http-port", options.http_port, "Port of the DCS API; 0: choose one")
      ->capture_default_str();
  // Of the started instance: state that is kept counts more than these.
  const auto of_instance = [&](const std::string& name, auto& value, const char* description) {
    return app.add_option(name, value, description)->each([&options, name](const std::string&) {
      options.given.insert(name);
    });
  };
  of_instance("--resp-port", options.resp_port, "Port for Redis clients; 0: choose one")
      ->capture_default_str();
  of_instance("--project-id", options.project_id, "The one project there is")
      ->check(kProjectId)
      ->capture_default_str();
  app.add_option("--instance-id", options.instance_id, "The instance")
      ->check(kInstanceId)
      ->capture_default_str();
  app.add_option("--region", options.region, "Name of the region and so of its project")
      ->capture_default_str();
  of_instance("--engine-version", options.engine_version, "Redis version of the instance")
      ->check(CLI::IsMember({"3.0", "4.0", "5.0", "6.0", "7.0"}))
      ->capture_default_str();
  AddAccessOptions(app, options);
  AddReachOptions(app, options);
  app.add_flag("--no-auth", options.no_auth, "Let everybody use the DCS API");
  of_instance("--cache-mode", options.cache_mode,
              "Whether the instance is a single node, whose keys a restart loses, or a "
              "master/standby pair")
      ->check(CLI::IsMember({"single", "ha"}))
      ->capture_default_str();
  of_instance("--password", options.password, "What Redis clients must give; empty: nothing")
      ->envname("DCS_SIM_PASSWORD");
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
  AddLifecycleOptions(app, options.lifecycle);
  scanner::Pacing& pacing = options.scans.manual;
  app.add_option("--scan-step-ms", pacing.step_interval_ms, "Time between steps of a scan")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--scan-keys-per-step", pacing.keys_per_step,
                 "Keys a step of a manual scan looks at")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  app.add_option("--scan-timeout-ms", pacing.timeout_ms, "When a manual scan has failed")
      ->check(CLI::Range(1, kForever))
      ->capture_default_str();
  app.add_option("--history-limit", options.scans.history_limit, "Ended scans that are remembered")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  CLI::Option* state_dir = app.add_option(
      "--state-dir", options.state_dir,
      "Directory in which instances, configurations, histories and keys survive the end of "
      "the program; made if there is none");
  app.add_flag("--adopt-snapshots", options.adopt_snapshots,
               "Make an instance of each snapshot in it whose instance its state.json does not "
               "know; without it they end the start")
      ->needs(state_dir);
  app.add_option("--log-level", options.log_level, "Least important message to log")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
}

void AddTlsOptions(CLI::App& app, ServeOptions& options) {
  CLI::Option* certificate =
      app.add_option("--tls-cert", options.tls_certificate,
                     "Serve HTTPS, and Redis clients over TLS alone, with this certificate and "
                     "the chain behind it, PEM");
  CLI::Option* key =
      app.add_option("--tls-key", options.tls_key, "The certificate's private key, PEM");
  certificate->needs(key);
  key->needs(certificate);
}

void AddTimeOptions(CLI::App& app, ServeOptions& options) {
  const std::map<std::string, bool> clocks = {{"real", false}, {"virtual", true}};
  CLI::Option* clock =
      app.add_option("--clock", options.virtual_clock,
                     "real: the system's time; virtual: starts there and stands still until it is "
                     "moved by /_sim/clock")
          ->transform(CLI::CheckedTransformer(clocks).description("real|virtual"));
  app.add_option("--time-scale", options.time_scale,
                 "How many seconds pass in a real one, by a virtual clock; 0: it stands still")
      ->check(CLI::Range(0.0, api::TimeControl::kMostRate));
  app.parse_complete_callback([&options, clock] {
    if (options.time_scale && clock->count() > 0 && !options.virtual_clock) {
      throw CLI::ValidationError("--time-scale", "needs --clock virtual");
    }
  });
}

}  // namespace dcs::tools
