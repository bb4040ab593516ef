// One HTTP request and one response as plain data: what the server hands to the API and gets back.
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

// In the order sent, repeated ones included. Names compare without regard to case. Lookups are
// O(headers): a request has few.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> headers) : all_(headers) {}

  // The first of that name; nullptr where there is none. Valid until the next change.
  const std::string* Find(std::string_view name) const;
  size_t Count(std::string_view name) const;

  void Add(std::string_view name, std::string_view value);
  // In place of all of that name.
  void Set(std::string_view name, std::string_view value);

  const std::vector<Header>& all() const& { return all_; }
  std::vector<Header> all() && { return std::move(all_); }

 private:
  std::vector<Header> all_;
};

struct QueryParameter {
  std::string name;
  std::string value;  // empty where there was no '='
};

struct HttpRequest {
  std::string method;  // as sent: "get" is not "GET"
  std::string target;  // as sent
  // Of the target, as sent: begins with '/', holds neither authority nor query. Or "*".
  std::string raw_path;
  // raw_path split at '/' and percent-decoded, empty ones kept: "/v2//x/" is {"v2", "", "x", ""}.
  std::vector<std::string> segments;
  std::vector<QueryParameter> query;  // decoded, in the order sent
  Headers headers;
  std::string body;
  // The body's SHA-256, 32 bytes, if the head's check asked for it. A body that was
  // thrown away has one, too.
  std::optional<std::string> body_sha256 = std::nullopt;
  // The client's IP address without a port. Empty if the request came from no connection.
  std::string peer_address = {};

  // How often the parameter occurs, and its first value.
  size_t CountQuery(std::string_view name) const;
  std::optional<std::string_view> FindQuery(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
  // Why it is an error, for the log only. Holds no secrets; may hold any bytes.
  std::string log_note = {};
};

// What a request's head decides, before any of its body is read.
struct HeadVerdict {
  // If set, this answers the request, and the handler never sees it.
  std::optional<HttpResponse> refusal = std::nullopt;
  // Whether the handler gets the body. If not, the body is read and thrown away.
  bool keep_body = true;
  // Whether the handler gets body_sha256. The body is hashed while it arrives.
  bool hash_body = false;
};

// What makes a response and takes its time. It is called once at most, on another thread than the
// one that made it, to which it comes back before it is destroyed: so what it holds on to may be
// given up there.
using LongWork = std::function<HttpResponse()>;

// What makes a response once something has happened: `begin` is called at once and calls `done`
// then, once, on the same thread, from within or later.
struct AwaitedResponse {
  std::function<void(std::function<void(HttpResponse)> done)> begin;
};

struct LongStep;
using HttpReply = std::variant<HttpResponse, LongWork, AwaitedResponse, LongStep>;

// A part of the handler that takes long: `work` is called on another thread, then `reply` on the one
// that made the step. Each is called once at most; `reply` is not if `work` throws or the server stops.
// Both are destroyed on the thread that made them.
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
