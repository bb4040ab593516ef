#include "tools/serve/serve_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "api/rest/authority.h"
#include "api/rest/identifiers.h"
#include "api/rest/origin_check.h"
#include "tools/option_checks.h"

namespace dcs::tools {
namespace {

const CLI::Validator kProjectId(
    [](const std::string& text) {
      return rest::IsProjectId(text) ? std::string()
                                     : text + " is not a project ID: 32 hex digits or a UUID";
    },
    "");

const CLI::Validator kInstanceId(
    [](const std::string& text) {
      return rest::IsUuid(text) ? std::string() : text + " is not an instance ID: a UUID";
    },
    "");

const CLI::Validator kPowerOfTwo(
    [](const std::string& text) {
      const bool one_bit = text == "1" || text == "2" || text == "4" || text == "8" ||
                           text == "16" || text == "32" || text == "64";
      return one_bit ? std::string() : text + " is not a power of two from 1 to 64";
    },
    "");

// Leaves an address: "localhost" is 127.0.0.1.
const CLI::Validator kBindAddress(
    [](std::string& text) {
      if (absl::EqualsIgnoreCase(text, "localhost")) text = "127.0.0.1";
      // Without the zone of a link-local address ("fe80::1%eth0").
      const bool address =
          rest::ParseAddress(std::string_view(text).substr(0, text.find('%'))).has_value();
      return address ? std::string() : text + " is neither an IP address nor localhost";
    },
    "");

// Leaves the value in the form in which the server compares it.
const CLI::Validator kHost(
    [](std::string& text) {
      const auto host = rest::NormalHost(text);
      if (!host) return text + " is not a host: a name or an IP address, without a port";
      text = *host;
      return std::string();
    },
    "");

const CLI::Validator kOrigin(
    [](std::string& text) {
      const auto origin = rest::NormalOrigin(text);
      if (!origin) return text + " is not an origin: http://HOST[:PORT] or https://HOST[:PORT]";
      text = *origin;
      return std::string();
    },
    "");

// What an HTTP header can hold without a change.
const CLI::Validator kToken(
    [](const std::string& text) {
      const bool visible = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < '\x7f';
      });
      return visible ? std::string() : std::string("the token must be visible ASCII characters");
    },
    "");

constexpr int64_t kForever = std::numeric_limits<int32_t>::max();
constexpr int64_t kLastPort = std::numeric_limits<uint16_t>::max();

// Adds options to one group of the help, each with a name for its value.
class Group {
 public:
  Group(CLI::App& app, std::string name) : app_(app), name_(std::move(name)) {}

  template <class T>
  CLI::Option* Add(const std::string& option, T& value, const char* type, const char* text) {
    return app_.add_option(option, value, text)->group(name_)->type_name(type);
  }
  // The same, with the value's default in the help.
  template <class T>
  CLI::Option* AddShown(const std::string& option, T& value, const char* type, const char* text) {
    return Add(option, value, type, text)->capture_default_str();
  }
  // A number of units from `min` to `max`.
  template <class T>
  CLI::Option* AddNumber(const std::string& option, T& value, const char* type, int64_t min,
                         int64_t max, const char* text) {
    return AddShown(option, value, type, text)->check(WholeNumber(min, max));
  }
  CLI::Option* AddFlag(const std::string& option, bool& value, const char* text) {
    return app_.add_flag(option, value, text)->group(name_);
  }

 private:
  CLI::App& app_;
  const std::string name_;
};

void AddListeningOptions(CLI::App& app, ServeOptions& options) {
  Group group(app, "Where the server listens");
  group
      .AddShown("--bind", options.bind, "ADDRESS",
                "IP address, or localhost; one that is not loopback needs --sim-token, keys of "
                "your own and --password, or --insecure-bind")
      ->transform(kBindAddress);
  group.AddNumber("--http-port", options.http_port, "PORT", 0, kLastPort,
                  "Port of the DCS API; 0: choose one");
  group
      .AddNumber("--resp-port", options.resp_port, "PORT", 0, kLastPort,
                 "Port for Redis clients; 0: choose one")
      ->each([&options](const std::string&) { options.given.insert("--resp-port"); });
}

// What the started instance is: state that is kept counts more than these.
void AddInstanceOptions(CLI::App& app, ServeOptions& options) {
  Group group(app, "The instance");
  const auto note = [&options](const char* name) {
    return [&options, name](const std::string&) { options.given.insert(name); };
  };
  group.AddShown("--instance-id", options.instance_id, "UUID", "Its ID")->check(kInstanceId);
  group.AddShown("--project-id", options.project_id, "ID", "The one project there is")
      ->check(kProjectId)
      ->each(note("--project-id"));
  group.AddShown("--region", options.region, "NAME", "The region, and so the name of its project");
  group
      .AddShown("--engine-version", options.engine_version, "VERSION",
                "Redis version: 3.0, 4.0, 5.0, 6.0 or 7.0")
      ->check(OneOf({"3.0", "4.0", "5.0", "6.0", "7.0"}))
      ->each(note("--engine-version"));
  group
      .AddShown("--cache-mode", options.cache_mode, "MODE",
                "single: one node, whose keys a restart loses; ha: a master/standby pair")
      ->check(OneOf({"single", "ha"}))
      ->each(note("--cache-mode"));
  group
      .Add("--password", options.password, "TEXT",
           "What Redis clients must give; left out: nothing")
      ->envname("DCS_SIM_PASSWORD")
      ->each(note("--password"));
  group
      .AddShown("--natural-deletion", options.natural_deletion, "KIND",
                "What releases expired keys by itself: off; redis, as Redis 7 does; dcs, at the "
                "rate that DCS documents")
      ->check(OneOf({"off", "redis", "dcs"}));
  group
      .AddShown("--shards", options.shards, "N",
                "Parts of the keyspace with a lock each; a power of two up to 64")
      ->check(kPowerOfTwo);
}

void AddAccessOptions(CLI::App& app, ServeOptions& options) {
  Group group(app, "Who may use the DCS API");
  CLI::Option* file = group.Add(
      "--access-file", options.access_file, "FILE",
      "JSON file of access keys, users and tokens with their roles, in place of the next five");
  const auto add = [&](const char* name, std::string& value, const char* text) {
    group.AddShown(name, value, "TEXT", text)->excludes(file);
  };
  add("--access-key", options.access_key, "Whose signatures are accepted");
  add("--secret-key", options.secret_key, "The key that signs");
  add("--token", options.token, "What is accepted as X-Auth-Token; empty: nothing");
  add("--user", options.user, "Who may fetch tokens that expire");
  add("--user-password", options.user_password, "The password for that");
  group.AddNumber("--token-lifetime-ms", options.token_lifetime_ms, "MS", 1, int64_t{1} << 40,
                  "When such a token expires");
  group.AddFlag("--no-key-lock", options.no_key_lock,
                "Do not lock an access key or user for a client after five failures in a row");
  group.AddFlag("--no-auth", options.no_auth, "Let everybody use the DCS API");
}

// Who may reach what, beside the API's credentials.
void AddReachOptions(CLI::App& app, ServeOptions& options) {
  Group group(app, "Who may reach the server");
  group
      .Add("--sim-token", options.sim_token, "TOKEN",
           "What /_sim asks for, as X-Sim-Token or Authorization: Bearer; left out: nothing")
      ->envname("DCS_SIM_TOKEN")
      ->check(kToken);
  group
      .Add("--allow-origin", options.allowed_origins, "ORIGIN",
           "Origin whose web pages may use the API (CORS), such as http://localhost:3000; "
           "repeatable")
      ->allow_extra_args(false)
      ->transform(kOrigin);
  group
      .Add("--allow-host", options.allowed_hosts, "HOST",
           "Host that requests may name beside loopback addresses and localhost; repeatable")
      ->allow_extra_args(false)
      ->transform(kHost);
  group.AddFlag("--insecure-bind", options.insecure_bind,
                "Listen on an address that other machines reach without --sim-token, keys of your "
                "own or --password");
}

void AddScanOptions(CLI::App& app, ServeOptions& options) {
  Group group(app, "Manual scans");
  scanner::Pacing& pacing = options.scans.manual;
  group.AddNumber("--scan-step-ms", pacing.step_interval_ms, "MS", 1, 60'000,
                  "Time between two steps, of automatic scans too");
  group.AddNumber("--scan-keys-per-step", pacing.keys_per_step, "N", 1, 1'000'000'000,
                  "Keys that a step looks at");
  group.AddNumber("--scan-timeout-ms", pacing.timeout_ms, "MS", 1, kForever,
                  "When a scan has failed");
  group.AddNumber("--history-limit", options.scans.history_limit, "N", 1, 1'000'000,
                  "Ended scans that are remembered");
}

void AddLifecycleOptions(CLI::App& app, api::LifecycleOptions& lifecycle) {
  Group group(app, "What instances take");
  const auto add = [&](const char* name, int64_t& ms, const char* text) {
    group.AddNumber(name, ms, "MS", 0, kForever, text);
  };
  add("--create-ms", lifecycle.create_ms, "How long an instance is CREATING");
  add("--restart-ms", lifecycle.restart_ms, "How long it is RESTARTING");
  add("--soft-restart-ms", lifecycle.soft_restart_ms, "The same if only its process restarts");
  add("--flush-ms", lifecycle.flush_ms, "How long it is FLUSHING");
  add("--delete-ms", lifecycle.delete_ms, "How long it is DELETING");
  group.AddNumber("--max-instances", lifecycle.max_instances, "N", 1, 10'000,
                  "How many instances there may be");
}

void AddProcessOptions(CLI::App& app, ServeOptions& options) {
  Group group(app, "The process");
  CLI::Option* state_dir = group.Add(
      "--state-dir", options.state_dir, "DIR",
      "Directory in which instances, configurations, histories and keys survive the end of the "
      "program; made if there is none");
  group
      .AddFlag("--adopt-snapshots", options.adopt_snapshots,
               "Make an instance of each snapshot in it whose instance its state.json does not "
               "know; without it they end the start")
      ->needs(state_dir);
  group.AddNumber("--io-threads", options.io_threads, "N", 1, 64,
                  "Threads that serve Redis clients");
  group
      .AddShown("--log-level", options.log_level, "LEVEL",
                "Least important message in the log: debug (every API request), info, warn, error "
                "or off")
      ->check(OneOf({"debug", "info", "warn", "error", "off"}));
}

}  // namespace

void AddServeOptions(CLI::App& app, ServeOptions& options) {
  AddListeningOptions(app, options);
  AddInstanceOptions(app, options);
  AddAccessOptions(app, options);
  AddReachOptions(app, options);
  AddScanOptions(app, options);
  AddLifecycleOptions(app, options.lifecycle);
  AddProcessOptions(app, options);
}

void AddTlsOptions(CLI::App& app, ServeOptions& options) {
  Group group(app, "TLS");
  CLI::Option* certificate = group.Add(
      "--tls-cert", options.tls_certificate, "FILE",
      "Serve HTTPS, and Redis clients over TLS alone, with this certificate and its chain (PEM)");
  CLI::Option* key =
      group.Add("--tls-key", options.tls_key, "FILE", "The certificate's private key (PEM)");
  certificate->needs(key);
  key->needs(certificate);
}

void AddTimeOptions(CLI::App& app, ServeOptions& options) {
  constexpr const char* kGroup = "Time";
  CLI::Option* clock =
      app.add_option_function<std::string>(
             "--clock",
             [&options](const std::string& kind) { options.virtual_clock = kind == "virtual"; },
             "real: the system's time; virtual: starts there and stands still until /_sim/clock "
             "moves it")
          ->group(kGroup)
          ->type_name("KIND")
          ->default_str("real")
          ->check(OneOf({"real", "virtual"}));
  app.add_option("--time-scale", options.time_scale,
                 "How many seconds of a virtual clock pass in a real one; 0: it stands still")
      ->group(kGroup)
      ->type_name("RATE")
      ->check(Number(0, api::TimeControl::kMostRate));
  app.parse_complete_callback([&options, clock] {
    if (options.time_scale && clock->count() > 0 && !options.virtual_clock) {
      throw CLI::ValidationError("--time-scale", "needs --clock virtual");
    }
  });
}

}  // namespace dcs::tools
