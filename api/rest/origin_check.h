// Checks where a request comes from, so that a web page in a user's browser cannot use the server.
//
// A browser names the page's origin in the header Origin, and the host that the page asked for in
// Host. Two attacks are refused here:
//
//   cross-site requests   A page of another site sends a simple POST to localhost. Its Origin is
//                         neither the server's own nor one that the user allowed.
//   DNS rebinding         A page's own name is made to point to 127.0.0.1, so that the browser takes
//                         the server for the page's site. Its Host is then that name.
//
// Programs that are not browsers send no Origin and are not affected.
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
  // As NormalHost returns them. They count with any port.
  std::vector<std::string> allowed_hosts = {};
  // As NormalOrigin returns them. Pages of these origins may read answers (CORS).
  std::vector<std::string> allowed_origins = {};
};

// The form in which hosts and origins are compared: lower case, no default port. Returns nullopt if
// `text` is not a host without a port, or not "http://authority" or "https://authority".
std::optional<std::string> NormalHost(std::string_view text);
std::optional<std::string> NormalOrigin(std::string_view text);

class OriginCheck {
 public:
  // `scheme` is what the server speaks: "http" or "https".
  OriginCheck(OriginPolicy policy, std::string scheme);

  // Returns why the request is refused: kForeignHost, kForeignOrigin or nothing. Reads the target
  // and the headers only, so it can be called before the body is there.
  //
  // Host: the Host header and the authority of an absolute target must both satisfy the rule. A
  // request without Host (HTTP/1.0) passes: every browser sends one.
  //
  // Origin: must be allowed, or the server's own: the scheme and port of the server, and the host
  // that the request names. The host counts only if DNS cannot make it mean another machine: an IP
  // address, localhost or an allowed host. "null" is foreign, so are two Origin headers.
  //
  // Some requests of browsers carry no Origin (an image, a script). Sec-Fetch-Site gives them away;
  // of those only the navigation to a page (GET) passes.
  std::optional<ErrorId> Refusal(const HttpRequest& request) const;

  // The request's Origin if it is one of the allowed ones; nullptr otherwise. Valid as long as the
  // request.
  const std::string* AllowedOrigin(const HttpRequest& request) const;

 private:
  bool IsTrusted(const Authority& authority) const;
  bool HostIsAllowed(std::string_view text) const;
  bool IsOwn(std::string_view origin, const HttpRequest& request) const;

  const OriginPolicy policy_;
  const std::string scheme_;
};

}  // namespace dcs::rest
