// The input and the result of an operation.
//
// Thread safety: one thread, the one that serves the API.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "api/lifecycle.h"
#include "api/registry.h"
#include "api/rest/api_options.h"
#include "api/rest/authentication.h"
#include "api/rest/errors.h"
#include "api/rest/http_message.h"
#include "api/rest/json.h"
#include "api/rest/request_body.h"
#include "store/time/clock.h"

namespace dcs::rest {

// A request that has passed all checks of its route.
struct Call {
  const HttpRequest& request;
  // As returned by ParseBody, if the route reads a body (router.h's Body); otherwise an error.
  const ParsedBody& body;
  const ApiOptions& options;
  const store::Clock& clock;
  api::Registry& registry;
  api::Lifecycle& lifecycle;
  Authenticator& authenticator;
  // The instance of the path; nullptr if the route has no {instance_id}.
  api::Instance* instance = nullptr;
};

struct Success {
  int status = 200;
  std::string content_type;  // empty: no body
  std::string body;
  Headers headers = {};  // further headers
};

// 200 with this JSON.
Success JsonSuccess(const Json& json);

using Outcome = std::variant<Success, ApiError>;

// For work of more than some milliseconds: `work` computes the outcome on the background thread,
// one task at a time, while other requests are served. The call has ended by then, so `work` owns
// what it uses.
struct Deferred {
  std::function<Outcome()> work;
};

// For answers that wait for an event on this thread: `begin` is called at once and calls `done`
// once, before it returns or later. The call has ended by then.
struct Awaited {
  std::function<void(std::function<void(const Outcome& outcome)> done)> begin;
};

using Answer = std::variant<Outcome, Deferred, Awaited>;
using Handler = Answer (*)(const Call& call);

}  // namespace dcs::rest
