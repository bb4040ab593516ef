// What `dcs-sim serve` can be told.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/lifecycle.h"
#include "api/rest/api_options.h"
#include "scanner/scan_service.h"

namespace CLI {
class App;
}

namespace dcs::tools {

struct ServeOptions {
  std::string bind = "127.0.0.1";
  uint16_t http_port = 8080;
  uint16_t resp_port = 6379;
  // The IDs of the API page's own example, so that its request works as it stands.
  std::string project_id = "a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f71";
  std::string instance_id = "5560df16-cebf-4473-95c4-d1b573c16e79";
  std::string region = "cn-north-4";
  std::string engine_version = "7.0";
  std::string access_key = "dcs-sim-access-key";
  std::string secret_key = "dcs-sim-secret-key";
  std::string token = "dcs-sim-token";
  std::string user = "dcs-sim-user";
  std::string user_password = "dcs-sim-password";
  std::string access_file;  // empty: the five above
  int64_t token_lifetime_ms = rest::ApiOptions().token_lifetime_ms;
  bool no_key_lock = false;
  bool no_auth = false;
  // Who may use the server from where; see bind_check.h and api/rest/origin_check.h.
  std::string sim_token;  // empty: /_sim asks for nothing
  bool insecure_bind = false;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
  // Where set, both fronts speak TLS and nothing else.
  std::string tls_certificate;
  std::string tls_key;
  bool virtual_clock = false;
  std::optional<double> time_scale;  // milliseconds that pass in a real one
  bool time_is_steered() const { return virtual_clock || time_scale.has_value(); }
  std::string password;
  int io_threads = 1;
  size_t shards = 16;
  std::string natural_deletion = "redis";  // off, redis, dcs
  std::string log_level = "info";
  std::string state_dir;            // empty: nothing survives the end of the program
  bool adopt_snapshots = false;     // make instances of snapshots that the state does not know
  std::string cache_mode = "ha";    // single, ha
  api::LifecycleOptions lifecycle;  // of which the command line sets times and the bound
  scanner::ScanServiceOptions scans;
  // Of the options that say what the instance is: the names of those that were given.
  std::set<std::string> given;
};

// Adds every option to `app`, with its limits; `options` must outlive the parsing.
void AddServeOptions(CLI::App& app, ServeOptions& options);

// Those by which clients are served over TLS: not for the demonstration, whose clients do not.
void AddTlsOptions(CLI::App& app, ServeOptions& options);

// Those by which time can be moved: not for the demonstration, which waits for what it shows.
void AddTimeOptions(CLI::App& app, ServeOptions& options);

}  // namespace dcs::tools
