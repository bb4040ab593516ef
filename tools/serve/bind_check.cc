#include "tools/serve/bind_check.h"

#include <spdlog/spdlog.h>

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "api/rest/authority.h"

namespace dcs::tools {
namespace {

absl::Status NotProtected(const ServeOptions& options, const std::vector<std::string>& open) {
  return absl::FailedPreconditionError(
      absl::StrCat("--bind ", options.bind,
                   " is not a loopback address, so other machines can reach the server, and ",
                   absl::StrJoin(open, "; "),
                   ". Give --sim-token, --access-file or --access-key with --secret-key, and "
                   "--password, each of your own, or --insecure-bind to start without protection"));
}

// Names the access list's entries whose secrets are the program's defaults.
std::vector<std::string> DefaultSecrets(const rest::AccessList& access) {
  const ServeOptions defaults;
  std::vector<std::string> names;
  for (const rest::AccessKey& key : access.keys) {
    if (key.credential.secret_key == defaults.secret_key) {
      names.push_back(absl::StrCat("access key ", key.credential.access_key));
    }
  }
  for (const rest::User& user : access.users) {
    if (user.password == defaults.user_password) names.push_back(absl::StrCat("user ", user.name));
  }
  for (const rest::FixedToken& token : access.tokens) {
    if (token.token == defaults.token) names.push_back("a token");
  }
  return names;
}

}  // namespace

absl::StatusOr<bool> IsLoopbackBind(const std::string& bind) {
  // Drops the zone of a link-local address ("fe80::1%eth0").
  const auto address = rest::ParseAddress(std::string_view(bind).substr(0, bind.find('%')));
  if (!address) {
    return absl::InvalidArgumentError(
        absl::StrCat("bind address '", bind, "': expected an IPv4 or IPv6 address"));
  }
  return address->kind == rest::HostKind::kLoopback;
}

std::vector<std::string> OpenFronts(const ServeOptions& options, const rest::AccessList& access) {
  std::vector<std::string> open;
  if (options.sim_token.empty()) {
    open.emplace_back("/_sim is open (no --sim-token): anyone may read counts, sweep and reset");
  }
  if (options.no_auth) {
    open.emplace_back("the DCS API is open (--no-auth)");
  } else if (const auto defaults = DefaultSecrets(access); !defaults.empty()) {
    open.push_back(absl::StrCat("the DCS API is open: the secret is the published default of ",
                                absl::StrJoin(defaults, ", ")));
  } else if (access.keys.empty() && access.users.empty() && access.tokens.empty()) {
    open.emplace_back("the DCS API has no keys but the published defaults");
  }
  if (options.password.empty()) open.emplace_back("Redis is open (no --password)");
  return open;
}

absl::Status CheckBind(const ServeOptions& options, const rest::AccessList& access) {
  const absl::StatusOr<bool> loopback = IsLoopbackBind(options.bind);
  if (!loopback.ok()) return loopback.status();
  if (*loopback) return absl::OkStatus();
  const std::vector<std::string> open = OpenFronts(options, access);
  if (!open.empty() && !options.insecure_bind) return NotProtected(options, open);
  for (const std::string& front : open) spdlog::warn("on {}: {}", options.bind, front);
  if (options.tls_certificate.empty()) {
    spdlog::warn("on {}: passwords, tokens and data travel in the clear (no --tls-cert)",
                 options.bind);
  }
  return absl::OkStatus();
}

absl::Status CheckRestoredInstances(const ServeOptions& options, const api::Registry& registry) {
  const absl::StatusOr<bool> loopback = IsLoopbackBind(options.bind);
  if (!loopback.ok()) return loopback.status();
  if (*loopback) return absl::OkStatus();
  for (const auto& instance : registry.instances()) {
    if (!instance->spec.password.empty()) continue;
    const std::string open = absl::StrCat("Redis is open: the instance ", instance->id(), " in ",
                                          options.state_dir, " has no password");
    if (instance->id() == options.instance_id && !options.insecure_bind) {
      return absl::FailedPreconditionError(absl::StrCat(
          "on ", options.bind, ", which other machines reach, ", open,
          ". --password does not change it. Start with another --state-dir or --instance-id, "
          "or with --insecure-bind"));
    }
    spdlog::warn("on {}: {}", options.bind, open);
  }
  return absl::OkStatus();
}

}  // namespace dcs::tools
