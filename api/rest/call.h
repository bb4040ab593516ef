// What an operation is given, and what it gives back.
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

// One request that has passed all checks that its route asks for.
struct Call {
  const HttpRequest& request;
  // If the route asks for one (router.h's Body), as ParseBody returns it; an error otherwise.
  const ParsedBody& body;
  const ApiOptions& options;
  const store::Clock& clock;
  api::Registry& registry;
  api::Lifecycle& lifecycle;
  Authenticator& authenticator;
  // The one in the path; nullptr where the route has no {instance_id}.
  api::Instance* instance = nullptr;
};

struct Success {
  int status = 200;
  std::string content_type;  // empty: no body
  std::string body;
  Headers headers = {};  // further ones
};

// 200 with this JSON.
Success JsonSuccess(const Json& json);

using Outcome = std::variant<Success, ApiError>;

// For what takes more than some milliseconds: `work` finds the outcome on a thread of its own, one
// after the other, while others are served. The call is over by then: it holds what it needs.
struct Deferred {
  std::function<Outcome()> work;
};

// For what has to wait for something that happens on this thread: `begin` is called at once and
// calls `done` then, once, from within or later. The call is over by then.
struct Awaited {
  std::function<void(std::function<void(const Outcome& outcome)> done)> begin;
};

using Answer = std::variant<Outcome, Deferred, Awaited>;
using Handler = Answer (*)(const Call& call);

}  // namespace dcs::rest
