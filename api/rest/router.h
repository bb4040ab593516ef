// Maps a method and a path to an operation.
//
//   Router router(Routes());
//   Match match = router.Find("POST", request.segments);
//
// A pattern's segments match equal ones. "{name}" matches any one segment. In the middle of a path
// it also matches an empty one: "/v2/P/instances//scan-expire-keys-task", which the Go SDK sends if
// no instance is set, reaches its operation, which reports the error. At the end of a path it does
// not match an empty one: a path with a trailing slash is another URL.
//
// HEAD finds the route of GET (RFC 9110, 9.3.2).
//
// Thread safety: immutable. Cost: O(routes).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "api/rest/call.h"

namespace dcs::rest {

enum class Access : uint8_t { kRead, kWrite };
enum class Auth : uint8_t {
  kRequired,  // the API's credentials
  kSimToken,  // the simulator's token, if one is set
  kNone,
};
// Whether the handler reads the request's body. If not, a body is ignored.
enum class Body : uint8_t { kIgnored, kJson };
// Whether --state-dir saves the operation's changes.
enum class Keeping : uint8_t { kKept, kNotKept };

struct Route {
  std::string_view method;
  std::string_view pattern;    // begins with '/'
  std::string_view operation;  // name of the operation in the SDK
  Handler handler;
  Access access;
  Auth auth;
  Body body = Body::kIgnored;
  Keeping keeping = Keeping::kKept;  // unused for kRead
};

struct Match {
  const Route* route = nullptr;  // nullptr: no such URL, or not with this method
  // By the names in the pattern, in its order.
  std::vector<std::pair<std::string_view, std::string>> parameters;
  // If the URL exists but not with this method: its methods, as "GET, POST".
  std::string allowed_methods;

  // Same for the header Allow: with OPTIONS, and HEAD if there is GET. Empty if the URL does not
  // exist.
  std::string Allow() const;

  // nullptr if the pattern has no such name.
  const std::string* Find(std::string_view parameter) const;
};

class Router {
 public:
  // `routes` must outlive the router. If two patterns match, the earlier row is used.
  explicit Router(absl::Span<const Route> routes);

  Match Find(std::string_view method, absl::Span<const std::string> segments) const;

 private:
  struct Entry {
    const Route* route;
    std::vector<std::string_view> pattern;
  };
  std::vector<Entry> entries_;
};

}  // namespace dcs::rest
