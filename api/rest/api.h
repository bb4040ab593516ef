// The DCS API: takes a request, answers it.
//
//   Api api(lifecycle, clock, {.project_id = P, .access = {.keys = {{{ak, sk}}}}});
//   auto server = HttpServer::Start(io, {}, [&](const HttpRequest& r) { return api.Handle(r); });
//
// A request's way: routes.cc names the handler. The checks follow here, in this order: route,
// authentication, project's form, project, role, instance's form, instance. Then comes the handler,
// for instance scan_handlers.cc's CreateScan, which calls the instance's ScanService::Create.
//
// CheckHead runs before the body is read, and refuses what the head alone proves wrong. Handle runs
// the same checks again, so it is safe without CheckHead, and what has changed since then counts.
//
// Thread safety: one thread, the one that runs the scans' scheduler; LongWork that is handed out
// may run on any.
#pragma once

#include <optional>

#include "api/lifecycle.h"
#include "api/rest/api_options.h"
#include "api/rest/authentication.h"
#include "api/rest/call.h"
#include "api/rest/http_message.h"
#include "api/rest/router.h"
#include "store/clock.h"

namespace dcs::rest {

class Api {
 public:
  // `lifecycle`, with its registry, and `clock` must outlive it.
  Api(api::Lifecycle& lifecycle, const store::Clock& clock, ApiOptions options);

  // For HttpServer::HeadCheck.
  HeadVerdict CheckHead(const HttpRequest& head);

  // Always answers, at once or by work that may run on another thread: errors become responses
  // here. Every one carries X-Request-Id.
  HttpReply Handle(const HttpRequest& request);

 private:
  // The first check of every request, by its head alone; before anybody is asked who they are.
  std::optional<ApiError> Admit(const Match& match, const HttpRequest& head) const;
  std::optional<ApiError> RefuseByHead(const Match& match, const HttpRequest& head);
  Answer Dispatch(const Match& match, const HttpRequest& request);
  store::TimeMs SigningTime() const;
  // Whether the caller may do this with the project in the path.
  std::optional<ApiError> Authorize(const Match& match, const Caller& caller) const;
  // Checks the instance in the path, if it has one, and fills in `instance`.
  std::optional<ApiError> Resolve(const Match& match, api::Instance*& instance);

  api::Lifecycle& lifecycle_;
  api::Registry& registry_;
  const store::Clock& clock_;
  const ApiOptions options_;
  Authenticator authenticator_;
  const Router router_;
};

}  // namespace dcs::rest
