// The options of `dcs-sim serve`.
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
  // The IDs of the cloud's API example, so that its request works unchanged.
  std::string project_id = "a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f71";
  std::string instance_id = "5560df16-cebf-4473-95c4-d1b573c16e79";
  std::string region = "cn-north-4";
  std::string engine_version = "7.0";
  std::string access_key = "dcs-sim-access-key";
  std::string secret_key = "dcs-sim-secret-key";
  std::string token = "dcs-sim-token";
  std::string user = "dcs-sim-user";
  std::string user_password = "dcs-sim-password";
  std::string access_file;  // empty: the five fields above
  int64_t token_lifetime_ms = rest::ApiOptions().token_lifetime_ms;
  bool no_key_lock = false;
  bool no_auth = false;
  // Network access; see bind_check.h and api/rest/origin_check.h.
  std::string sim_token;  // empty: /_sim requires no token
  bool insecure_bind = false;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
  // If set, both fronts accept TLS only.
  std::string tls_certificate;
  std::string tls_key;
  bool virtual_clock = false;
  std::optional<double> time_scale;  // milliseconds of the virtual clock per real millisecond
  bool time_is_steered() const { return virtual_clock || time_scale.has_value(); }
  std::string password;
  int io_threads = 1;
  size_t shards = 16;
  std::string natural_deletion = "redis";  // off, redis, dcs
  std::string log_level = "info";
  std::string state_dir;            // empty: nothing is saved
  bool adopt_snapshots = false;     // create instances for snapshots that the state does not list
  std::string cache_mode = "ha";    // single, ha
  api::LifecycleOptions lifecycle;  // the command line sets only the times and the bound
  scanner::ScanServiceOptions scans;
  // Names of the instance options given on the command line.
  std::set<std::string> given;
};

// Adds every option with its limits to `app`. `options` must outlive the parsing.
void AddServeOptions(CLI::App& app, ServeOptions& options);

// Adds the TLS options. The demo omits them: its clients do not use TLS.
void AddTlsOptions(CLI::App& app, ServeOptions& options);

// Adds the options that move time. The demo omits them: it waits in real time.
void AddTimeOptions(CLI::App& app, ServeOptions& options);

}  // namespace dcs::tools
