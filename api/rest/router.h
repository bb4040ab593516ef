// Which operation a method and a path mean.
//
//   Router router(Routes());
//   Match match = router.Find("POST", request.segments);
//
// A pattern's segments match equal ones. "{name}" matches any one segment. In the middle of a path
// it matches an empty one too: "/v2/P/instances//scan-expire-keys-task", which the Go SDK sends if
// no instance is set, reaches its operation, and the answer says what is wrong. At the end of a path
// it does not: a path with a slash at its end is another URL.
//
// HEAD finds the route of GET (RFC 9110, 9.3.2).
//
// Thread safety: immutable once made. Cost: O(routes).
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
// Whether the handler reads the request's body. If not, clients may send one, and it is ignored.
enum class Body : uint8_t { kIgnored, kJson };
// Whether --state-dir keeps what the operation changes.
enum class Keeping : uint8_t { kKept, kNotKept };

struct Route {
  std::string_view method;
  std::string_view pattern;    // begins with '/'
  std::string_view operation;  // the SDK's name for it
  Handler handler;
  Access access;
  Auth auth;
  Body body = Body::kIgnored;
  Keeping keeping = Keeping::kKept;  // without meaning for kRead
};

struct Match {
  const Route* route = nullptr;  // nullptr: no such URL, or not with this method
  // By the names in the pattern, in its order.
  std::vector<std::pair<std::string_view, std::string>> parameters;
  // If the URL exists but not with this method: the methods of its routes, as "GET, POST".
  std::string allowed_methods;

  // The same for the header Allow: with HEAD, if there is GET, and OPTIONS. Empty if the URL does
  // not exist.
  std::string Allow() const;

  // nullptr where the pattern has none of that name.
  const std::string* Find(std::string_view parameter) const;
};

class Router {
 public:
  // `routes` must outlive the router. Where two patterns match, the earlier row is taken.
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
