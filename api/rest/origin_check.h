// Checks the origin of a request, so that web pages in a user's browser cannot use the server.
//
// A browser sends the page's origin in the header Origin, and the requested host in Host. Two
// attacks are refused:
//
//   cross-site requests   A page of another site sends a simple POST to localhost. Its Origin is
//                         neither the server's own nor one that the user allowed.
//   DNS rebinding         The name of a page's site is made to point to 127.0.0.1, so that the
//                         browser takes the server for that site. Its Host is then that name.
//
// Programs other than browsers send no Origin and are not affected.
//
// Thread safety: immutable. Cost: O(allowed entries), no memory kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/rest/authority.h"
#include "api/rest/errors.h"
#include "api/rest/http_message.h"

namespace dcs::rest {

enum class HostRule : uint8_t {
  kAny,
  kAddresses,  // an IP address, localhost, or an allowed host
  kLoopback,   // a loopback address, localhost, or an allowed host
};

struct OriginPolicy {
  HostRule hosts = HostRule::kAny;
  // As returned by NormalHost. They match any port.
  std::vector<std::string> allowed_hosts = {};
  // As returned by NormalOrigin. Pages of these origins may read answers (CORS).
  std::vector<std::string> allowed_origins = {};
};

// The normal form for comparing hosts and origins: lower case, no default port. Returns nullopt if
// `text` is not a host without a port, or not "http://authority" or "https://authority".
std::optional<std::string> NormalHost(std::string_view text);
std::optional<std::string> NormalOrigin(std::string_view text);

class OriginCheck {
 public:
  // `scheme` is the server's: "http" or "https".
  OriginCheck(OriginPolicy policy, std::string scheme);

  // Returns the reason of a refusal: kForeignHost, kForeignOrigin or nothing. Reads the target and
  // the headers only, so it can be called before the body is read.
  //
  // Host: the Host header and the authority of an absolute target must both satisfy the rule. A
  // request without Host (HTTP/1.0) passes: every browser sends one.
  //
  // Origin: must be allowed, or be the server's own: the scheme and port of the server and the host
  // named by the request. That host counts only if DNS cannot redirect it: an IP address, localhost
  // or an allowed host. "null" and a second Origin header are refused.
  //
  // Some browser requests carry no Origin (images, scripts). Sec-Fetch-Site identifies them; of
  // these only a navigation to a page (GET) passes.
  std::optional<ErrorId> Refusal(const HttpRequest& request) const;

  // The request's Origin if it is allowed; otherwise nullptr. Valid as long as the request.
  const std::string* AllowedOrigin(const HttpRequest& request) const;

 private:
  bool IsTrusted(const Authority& authority) const;
  bool HostIsAllowed(std::string_view text) const;
  bool IsOwn(std::string_view origin, const HttpRequest& request) const;

  const OriginPolicy policy_;
  const std::string scheme_;
};

}  // namespace dcs::rest
