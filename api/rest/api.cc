#include "api/rest/api.h"

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "api/rest/authentication.h"
#include "api/rest/identifiers.h"
#include "api/rest/routes.h"

namespace dcs::rest {

Api::Api(api::Registry& registry, const store::Clock& clock, ApiOptions options)
    : registry_(registry), clock_(clock), options_(std::move(options)), router_(Routes()) {}

HttpResponse Api::Handle(const HttpRequest& request) {
  const std::string request_id = NewRequestId();
  const Match match = router_.Find(request.method, request.segments);
  const Answer answer = Dispatch(match, request);
  if (const auto* error = std::get_if<ApiError>(&answer)) {
    HttpResponse response = ErrorResponse(*error, request_id);
    if (error->id == ErrorId::kMethodNotAllowed) {
      response.headers.Add("Allow", match.allowed_methods);
    }
    return response;
  }
  const Success& success = std::get<Success>(answer);
  HttpResponse response{.status = success.status, .headers = {}, .body = success.body};
  if (!success.content_type.empty()) response.headers.Add("Content-Type", success.content_type);
  response.headers.Add("X-Request-Id", request_id);
  return response;
}

Answer Api::Dispatch(const Match& match, const HttpRequest& request) {
  if (match.route == nullptr) {
    const bool known_url = !match.allowed_methods.empty();
    return ApiError{known_url ? ErrorId::kMethodNotAllowed : ErrorId::kUrlNotFound, {}};
  }
  if (match.route->auth == Auth::kRequired) {
    if (auto error = Authenticate(request, options_, clock_.Now())) return *std::move(error);
  }
  Call call{.request = request,
            .options = options_,
            .clock = clock_,
            .registry = registry_,
            .instance = nullptr};
  if (auto error = Resolve(match, call)) return *std::move(error);
  return match.route->handler(call);
}

std::optional<ApiError> Api::Resolve(const Match& match, Call& call) {
  if (const std::string* project_id = match.Find("project_id")) {
    if (!IsProjectId(*project_id)) return ApiError{ErrorId::kInvalidProjectId, {}};
    if (!absl::EqualsIgnoreCase(*project_id, options_.project_id)) {
      return ApiError{ErrorId::kProjectMismatch, {}};
    }
  }
  if (const std::string* instance_id = match.Find("instance_id")) {
    if (!IsUuid(*instance_id)) return ApiError{ErrorId::kInvalidInstanceId, {}};
    call.instance = registry_.Find(*instance_id);
    if (call.instance == nullptr) return ApiError{ErrorId::kInstanceNotFound, {}};
  }
  return std::nullopt;
}

}  // namespace dcs::rest
