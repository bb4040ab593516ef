#include "api/rest/origin_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/rest/authority.h"

namespace dcs::rest {
namespace {

constexpr std::string_view kHttp = "http";
constexpr std::string_view kHttps = "https";

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

// The scheme, and the rest after "://".
std::optional<std::pair<std::string_view, std::string_view>> SplitScheme(std::string_view text) {
  for (const std::string_view scheme : {kHttp, kHttps}) {
    const std::string_view rest = text.substr(std::min(scheme.size(), text.size()));
    if (absl::StartsWithIgnoreCase(ToAbsl(text), ToAbsl(scheme)) && rest.starts_with("://")) {
      return std::pair(scheme, rest.substr(3));
    }
  }
  return std::nullopt;
}

std::string OriginOf(std::string_view scheme, const Authority& authority) {
  const uint16_t default_port = scheme == kHttps ? 443 : 80;
  const bool v6 = authority.host.find(':') != std::string::npos;
  std::string origin =
      absl::StrCat(ToAbsl(scheme), "://", v6 ? "[" : "", authority.host, v6 ? "]" : "");
  const uint16_t port = authority.port.value_or(default_port);
  if (port != default_port) absl::StrAppend(&origin, ":", port);
  return origin;
}

// The authority of an absolute request target ("http://host/path"); nullopt for another form.
std::optional<std::string_view> TargetAuthority(std::string_view target) {
  const auto parts = SplitScheme(target);
  if (!parts) return std::nullopt;
  return parts->second.substr(0, parts->second.find_first_of("/?#"));
}

bool Contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool IsNavigation(const HttpRequest& request) {
  const std::string* mode = request.headers.Find("sec-fetch-mode");
  return request.method == "GET" && mode != nullptr && *mode == "navigate";
}

// Whether the browser marks the request as coming from a page of another origin. A page on another
// port of the same host is "same-site".
bool IsOfAnotherSite(const HttpRequest& request) {
  const std::string* site = request.headers.Find("sec-fetch-site");
  return site != nullptr && (*site == "cross-site" || *site == "same-site");
}

}  // namespace

std::optional<std::string> NormalHost(std::string_view text) {
  std::optional<Authority> authority = ParseAddress(text);
  if (!authority) authority = ParseAuthority(text);
  if (!authority || authority->port || text.ends_with(':')) return std::nullopt;
  return authority->host;
}

std::optional<std::string> NormalOrigin(std::string_view text) {
  const auto parts = SplitScheme(text);
  if (!parts) return std::nullopt;
  const std::optional<Authority> authority = ParseAuthority(parts->second);
  if (!authority) return std::nullopt;
  return OriginOf(parts->first, *authority);
}

OriginCheck::OriginCheck(OriginPolicy policy, std::string scheme)
    : policy_(std::move(policy)), scheme_(std::move(scheme)) {}

// Whether DNS cannot redirect the host to another machine.
bool OriginCheck::IsTrusted(const Authority& authority) const {
  return authority.kind != HostKind::kName || Contains(policy_.allowed_hosts, authority.host);
}

bool OriginCheck::HostIsAllowed(std::string_view text) const {
  if (policy_.hosts == HostRule::kAny) return true;
  const std::optional<Authority> authority = ParseAuthority(text);
  if (!authority) return false;
  if (authority->kind == HostKind::kLoopback) return true;
  if (authority->kind == HostKind::kAddress && policy_.hosts == HostRule::kAddresses) return true;
  return Contains(policy_.allowed_hosts, authority->host);
}

bool OriginCheck::IsOwn(std::string_view origin, const HttpRequest& request) const {
  const std::string* host = request.headers.Find("host");
  const std::optional<std::string_view> target = TargetAuthority(request.target);
  if (!target && host == nullptr) return false;
  const std::optional<Authority> authority = ParseAuthority(target ? *target : *host);
  return authority && IsTrusted(*authority) &&
         NormalOrigin(origin) == OriginOf(scheme_, *authority);
}

std::optional<ErrorId> OriginCheck::Refusal(const HttpRequest& request) const {
  for (const Header& header : request.headers.all()) {
    if (absl::EqualsIgnoreCase(header.name, "host") && !HostIsAllowed(header.value)) {
      return ErrorId::kForeignHost;
    }
  }
  const std::optional<std::string_view> target = TargetAuthority(request.target);
  if (target && !HostIsAllowed(*target)) return ErrorId::kForeignHost;

  const std::string* origin = request.headers.Find("origin");
  if (origin == nullptr) {
    const bool foreign = IsOfAnotherSite(request) && !IsNavigation(request);
    return foreign ? std::optional(ErrorId::kForeignOrigin) : std::nullopt;
  }
  if (request.headers.Count("origin") > 1) return ErrorId::kForeignOrigin;
  if (AllowedOrigin(request) != nullptr || IsOwn(*origin, request)) return std::nullopt;
  return ErrorId::kForeignOrigin;
}

const std::string* OriginCheck::AllowedOrigin(const HttpRequest& request) const {
  const std::string* origin = request.headers.Find("origin");
  if (origin == nullptr || policy_.allowed_origins.empty()) return nullptr;
  const std::optional<std::string> normal = NormalOrigin(*origin);
  return normal && Contains(policy_.allowed_origins, *normal) ? origin : nullptr;
}

}  // namespace dcs::rest
