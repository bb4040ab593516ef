// The DCS API: answers requests.
//
//   Api api(lifecycle, clock, {.project_id = P, .access = {.keys = {{{ak, sk}}}}});
//   auto server = HttpServer::Start(io, {}, [&](const HttpRequest& r) { return api.Handle(r); });
//
// Order of the checks: Host and Origin, route (routes.cc), authentication, the project's form,
// project, role, the instance's form, instance. Then Api calls the handler; scan_handlers.cc's
// CreateScan, for instance, calls the instance's ScanService::Create.
//
// CheckHead runs before the body is read and refuses requests that the head alone proves wrong.
// Handle repeats the checks, so it is safe without CheckHead and uses the current state.
//
// Thread safety: one thread, the one that runs the scans' scheduler. Returned LongWork may run on
// any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

#include "api/lifecycle.h"
#include "api/rest/api_options.h"
#include "api/rest/authentication.h"
#include "api/rest/call.h"
#include "api/rest/http_message.h"
#include "api/rest/origin_check.h"
#include "api/rest/router.h"
#include "store/time/clock.h"

namespace dcs::rest {

class Api {
 public:
  // `lifecycle`, its registry and `clock` must outlive the object.
  Api(api::Lifecycle& lifecycle, const store::Clock& clock, ApiOptions options);

  // For HttpServer::HeadCheck.
  HeadVerdict CheckHead(const HttpRequest& head);

  // Always answers, at once or by work that may run on another thread. Errors become responses.
  // Each response has X-Request-Id. A body over kParsedHere is parsed on another thread.
  HttpReply Handle(HttpRequest request);

  // Parsing this many bytes takes about a millisecond.
  static constexpr size_t kParsedHere = 64 << 10;

 private:
  struct Task;

  // X-Request-Id, and CORS headers if the request's origin is allowed.
  Headers CommonHeaders(const HttpRequest& head) const;
  bool IsAllowedPreflight(const Task& task) const;
  // nullopt for other methods and unknown URLs.
  std::optional<HttpResponse> AnswerOptions(const Task& task) const;
  std::optional<ApiError> RefuseByHead(const Match& match, const HttpRequest& head);
  // 415 for a body with a content coding, if the operation reads the body.
  static std::optional<ApiError> RefuseCoding(const Match& match, const HttpRequest& head);
  std::variant<Caller, ApiError> Identify(const Match& match, const HttpRequest& request);
  // Authorize and Resolve.
  std::optional<ApiError> Permit(const Match& match, const Caller& caller,
                                 api::Instance*& instance);
  HttpReply Perform(const Task& task);
  store::TimeMs SigningTime() const;
  // Whether the caller may do this in the project of the path.
  std::optional<ApiError> Authorize(const Match& match, const Caller& caller) const;
  // Checks the instance of the path, if any, and sets `instance`.
  std::optional<ApiError> Resolve(const Match& match, api::Instance*& instance);

  api::Lifecycle& lifecycle_;
  api::Registry& registry_;
  const store::Clock& clock_;
  const ApiOptions options_;
  const OriginCheck origins_;
  Authenticator authenticator_;
  const Router router_;
};

}  // namespace dcs::rest
