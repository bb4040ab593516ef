// An HTTP request and an HTTP response as plain data, exchanged between the server and the API.
//
// Thread safety: plain data, as safe as its members.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace dcs::rest {

struct Header {
  std::string name;
  std::string value;
};

// Headers in the order sent, including repeated ones. Names are case-insensitive. Lookups are
// O(headers).
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> headers) : all_(headers) {}

  // The first header of that name; nullptr if none. Valid until the next change.
  const std::string* Find(std::string_view name) const;
  size_t Count(std::string_view name) const;

  void Add(std::string_view name, std::string_view value);
  // Replaces all headers of that name.
  void Set(std::string_view name, std::string_view value);

  const std::vector<Header>& all() const& { return all_; }
  std::vector<Header> all() && { return std::move(all_); }

 private:
  std::vector<Header> all_;
};

struct QueryParameter {
  std::string name;
  std::string value;  // empty if there was no '='
};

struct HttpRequest {
  std::string method;  // as sent: "get" is not "GET"
  std::string target;  // as sent
  // The target's path as sent: begins with '/', without authority and query. Or "*".
  std::string raw_path;
  // raw_path split at '/' and percent-decoded, including empty ones: "/v2//x/" is {"v2", "", "x",
  // ""}.
  std::vector<std::string> segments;
  std::vector<QueryParameter> query;  // decoded, in the order sent
  Headers headers;
  std::string body;
  // The body's SHA-256, 32 bytes, if the head's check requested it; also for a discarded body.
  std::optional<std::string> body_sha256 = std::nullopt;
  // The client's IP address without port. Empty if the request came from no connection.
  std::string peer_address = {};

  // Number of occurrences of the parameter, and its first value.
  size_t CountQuery(std::string_view name) const;
  std::optional<std::string_view> FindQuery(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
  // The reason of an error, for the log only. Holds no secrets; may hold any bytes.
  std::string log_note = {};
};

// The decision on a request's head, made before its body is read.
struct HeadVerdict {
  // If set, this answers the request, and the handler never sees it.
  std::optional<HttpResponse> refusal = std::nullopt;
  // Whether the handler gets the body. If not, the body is read and discarded.
  bool keep_body = true;
  // Whether the handler gets body_sha256. The body is hashed while it arrives.
  bool hash_body = false;
};

// Long work that makes a response. It is called at most once, on another thread, and destroyed on
// the thread that made it, so that objects it owns may be released there.
using LongWork = std::function<HttpResponse()>;

// Makes a response after an event: `begin` is called at once and calls `done` once, on the same
// thread, before it returns or later.
struct AwaitedResponse {
  std::function<void(std::function<void(HttpResponse)> done)> begin;
};

struct LongStep;
using HttpReply = std::variant<HttpResponse, LongWork, AwaitedResponse, LongStep>;

// A long step of a handler: `work` is called on another thread, then `reply` on the thread that
// made the step. Each is called at most once; `reply` is skipped if `work` throws or the server
// stops. Both are destroyed on the thread that made them.
struct LongStep {
  std::function<void()> work;
  std::function<HttpReply()> reply;
};

// Takes the target apart. It is "/path?query", "http://authority/path?query" or, for OPTIONS, "*"
// (RFC 9112: origin, absolute and asterisk form). "*" has no segments and "*" as its path. Errors:
// kInvalidArgument for another form or for a '%' without two hex digits.
absl::StatusOr<HttpRequest> MakeRequest(std::string_view method, std::string_view target,
                                        Headers headers, std::string body);

}  // namespace dcs::rest
