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

// Replaces the value by an address: "localhost" becomes 127.0.0.1.
const CLI::Validator kBindAddress(
    [](std::string& text) {
      if (absl::EqualsIgnoreCase(text, "localhost")) text = "127.0.0.1";
      // Drops the zone of a link-local address ("fe80::1%eth0").
      const bool address =
          rest::ParseAddress(std::string_view(text).substr(0, text.find('%'))).has_value();
      return address ? std::string() : text + " is neither an IP address nor localhost";
    },
    "");

// Replaces the value by the form that the server compares.
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

// Characters that an HTTP header carries unchanged.
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
  // Same, and shows the default in the help.
  template <class T>
  CLI::Option* AddShown(const std::string& option, T& value, const char* type, const char* text) {
    return Add(option, value, type, text)->capture_default_str();
  }
  // A number from `min` to `max`.
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
  Group group(app, "Listening");
  group
      .AddShown(
          "--bind", options.bind, "ADDRESS",
          "IP address, or localhost; if it is not loopback, set --sim-token, your own keys and "
          "--password, or --insecure-bind")
      ->transform(kBindAddress);
  group.AddNumber("--http-port", options.http_port, "PORT", 0, kLastPort,
                  "Port of the DCS API; 0: choose one");
  group
      .AddNumber("--resp-port", options.resp_port, "PORT", 0, kLastPort,
                 "Port for Redis clients; 0: choose one")
      ->each([&options](const std::string&) { options.given.insert("--resp-port"); });
}

// Options of the initial instance. A restored state overrides them.
void AddInstanceOptions(CLI::App& app, ServeOptions& options) {
  Group group(app, "The instance");
  const auto note = [&options](const char* name) {
    return [&options, name](const std::string&) { options.given.insert(name); };
  };
  group.AddShown("--instance-id", options.instance_id, "UUID", "Its ID")->check(kInstanceId);
  group.AddShown("--project-id", options.project_id, "ID", "ID of the only project")
      ->check(kProjectId)
      ->each(note("--project-id"));
  group.AddShown("--region", options.region, "NAME", "Region; also the name of the project");
  group
      .AddShown("--engine-version", options.engine_version, "VERSION",
                "Redis version: 3.0, 4.0, 5.0, 6.0 or 7.0")
      ->check(OneOf({"3.0", "4.0", "5.0", "6.0", "7.0"}))
      ->each(note("--engine-version"));
  group
      .AddShown("--cache-mode", options.cache_mode, "MODE",
                "single: one node, loses its keys on restart; ha: a master/standby pair")
      ->check(OneOf({"single", "ha"}))
      ->each(note("--cache-mode"));
  group.Add("--password", options.password, "TEXT", "Password of Redis clients; default: none")
      ->envname("DCS_SIM_PASSWORD")
      ->each(note("--password"));
  group
      .AddShown("--natural-deletion", options.natural_deletion, "KIND",
                "How expired keys are released without a scan: off; redis: as Redis 7; dcs: at the "
                "rate documented by DCS")
      ->check(OneOf({"off", "redis", "dcs"}));
  group
      .AddShown("--shards", options.shards, "N",
                "Shards of the keyspace, each with a lock; a power of two up to 64")
      ->check(kPowerOfTwo);
}

void AddAccessOptions(CLI::App& app, ServeOptions& options) {
  Group group(app, "DCS API credentials");
  CLI::Option* file = group.Add(
      "--access-file", options.access_file, "FILE",
      "JSON file of access keys, users and tokens with roles; replaces the next five options");
  const auto add = [&](const char* name, std::string& value, const char* text) {
    group.AddShown(name, value, "TEXT", text)->excludes(file);
  };
  add("--access-key", options.access_key, "Access key of the accepted signatures");
  add("--secret-key", options.secret_key, "Secret key of the signatures");
  add("--token", options.token, "Accepted X-Auth-Token; empty: none");
  add("--user", options.user, "User who may request expiring tokens");
  add("--user-password", options.user_password, "Password of that user");
  group.AddNumber("--token-lifetime-ms", options.token_lifetime_ms, "MS", 1, int64_t{1} << 40,
                  "Lifetime of a requested token");
  group.AddFlag("--no-key-lock", options.no_key_lock,
                "Do not lock out a client's access key or user after five failures in a row");
  group.AddFlag("--no-auth", options.no_auth, "Serve the DCS API without authentication");
}

// Options that restrict access, apart from the API's credentials.
void AddReachOptions(CLI::App& app, ServeOptions& options) {
  Group group(app, "Network access");
  group
      .Add("--sim-token", options.sim_token, "TOKEN",
           "Token required by /_sim, as X-Sim-Token or Authorization: Bearer; default: none")
      ->envname("DCS_SIM_TOKEN")
      ->check(kToken);
  group
      .Add("--allow-origin", options.allowed_origins, "ORIGIN",
           "Web origin that may use the API (CORS), such as http://localhost:3000; "
           "repeatable")
      ->allow_extra_args(false)
      ->transform(kOrigin);
  group
      .Add("--allow-host", options.allowed_hosts, "HOST",
           "Allowed Host header besides loopback addresses and localhost; repeatable")
      ->allow_extra_args(false)
      ->transform(kHost);
  group.AddFlag("--insecure-bind", options.insecure_bind,
                "Listen on an address that other machines can reach without --sim-token, your own "
                "keys or --password");
}

void AddScanOptions(CLI::App& app, ServeOptions& options) {
  Group group(app, "Manual scans");
  scanner::Pacing& pacing = options.scans.manual;
  group.AddNumber("--scan-step-ms", pacing.step_interval_ms, "MS", 1, 60'000,
                  "Time between two steps, also of automatic scans");
  group.AddNumber("--scan-keys-per-step", pacing.keys_per_step, "N", 1, 1'000'000'000,
                  "Keys visited per step");
  group.AddNumber("--scan-timeout-ms", pacing.timeout_ms, "MS", 1, kForever,
                  "Time after which a scan fails");
  group.AddNumber("--history-limit", options.scans.history_limit, "N", 1, 1'000'000,
                  "Ended scans kept in the histories");
}

void AddLifecycleOptions(CLI::App& app, api::LifecycleOptions& lifecycle) {
  Group group(app, "Instance lifecycle");
  const auto add = [&](const char* name, int64_t& ms, const char* text) {
    group.AddNumber(name, ms, "MS", 0, kForever, text);
  };
  add("--create-ms", lifecycle.create_ms, "Time that an instance stays CREATING");
  add("--restart-ms", lifecycle.restart_ms, "Time that it stays RESTARTING");
  add("--soft-restart-ms", lifecycle.soft_restart_ms,
      "Time that it stays RESTARTING if only its process restarts");
  add("--flush-ms", lifecycle.flush_ms, "Time that it stays FLUSHING");
  add("--delete-ms", lifecycle.delete_ms, "Time that it stays DELETING");
  group.AddNumber("--max-instances", lifecycle.max_instances, "N", 1, 10'000,
                  "Maximum number of instances");
}

void AddProcessOptions(CLI::App& app, ServeOptions& options) {
  Group group(app, "The process");
  CLI::Option* state_dir = group.Add(
      "--state-dir", options.state_dir, "DIR",
      "Directory that keeps instances, configurations, histories and keys over a restart; "
      "created if missing");
  group
      .AddFlag("--adopt-snapshots", options.adopt_snapshots,
               "Create an instance for each snapshot in --state-dir that state.json does not list; "
               "without this option, such snapshots prevent the start")
      ->needs(state_dir);
  group.AddNumber("--io-threads", options.io_threads, "N", 1, 64,
                  "Threads that serve Redis clients");
  group
      .AddShown("--log-level", options.log_level, "LEVEL",
                "Minimum level of log messages: debug (includes every API request), info, warn, "
                "error or off")
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
  CLI::Option* certificate =
      group.Add("--tls-cert", options.tls_certificate, "FILE",
                "Serve only HTTPS and Redis over TLS, with this certificate and its chain (PEM)");
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
             "real: the system's time; virtual: starts at the system's time and stands still "
             "until /_sim/clock moves it")
          ->group(kGroup)
          ->type_name("KIND")
          ->default_str("real")
          ->check(OneOf({"real", "virtual"}));
  app.add_option("--time-scale", options.time_scale,
                 "Seconds that a virtual clock advances per real second; 0: it stands still")
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
