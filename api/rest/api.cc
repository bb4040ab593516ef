#include "api/rest/api.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "api/rest/identifiers.h"
#include "api/rest/routes.h"

namespace dcs::rest {
namespace {

HttpResponse ToResponse(const Outcome& outcome, std::string_view request_id) {
  if (const auto* error = std::get_if<ApiError>(&outcome)) return ErrorResponse(*error, request_id);
  const Success& success = std::get<Success>(outcome);
  HttpResponse response{.status = success.status, .headers = success.headers, .body = success.body};
  if (!success.content_type.empty()) response.headers.Add("Content-Type", success.content_type);
  response.headers.Add("X-Request-Id", request_id);
  return response;
}

HttpResponse ToResponse(const Outcome& outcome, const Match& match, std::string_view request_id) {
  HttpResponse response = ToResponse(outcome, request_id);
  if (!match.allowed_methods.empty()) response.headers.Add("Allow", match.allowed_methods);
  return response;
}

}  // namespace

Api::Api(api::Lifecycle& lifecycle, const store::Clock& clock, ApiOptions options)
    : lifecycle_(lifecycle),
      registry_(lifecycle.registry()),
      clock_(clock),
      options_(std::move(options)),
      authenticator_(options_),
      router_(Routes()) {}

HeadVerdict Api::CheckHead(const HttpRequest& head) {
  const Match match = router_.Find(head.method, head.segments);
  HeadVerdict verdict;
  if (auto error = RefuseByHead(match, head)) {
    verdict.refusal = ToResponse(*std::move(error), match, NewRequestId());
  }
  return verdict;
}

HttpReply Api::Handle(const HttpRequest& request) {
  const std::string request_id = NewRequestId();
  const Match match = router_.Find(request.method, request.segments);
  Answer answer = Dispatch(match, request);
  if (auto* deferred = std::get_if<Deferred>(&answer)) {
    return LongWork(
        [work = std::move(deferred->work), request_id] { return ToResponse(work(), request_id); });
  }
  if (auto* awaited = std::get_if<Awaited>(&answer)) {
    return AwaitedResponse{
        [begin = std::move(awaited->begin), request_id](std::function<void(HttpResponse)> done) {
          begin([done = std::move(done), request_id](const Outcome& outcome) {
            done(ToResponse(outcome, request_id));
          });
        }};
  }
  return ToResponse(std::get<Outcome>(answer), match, request_id);
}

std::optional<ApiError> Api::Admit(const Match& match, const HttpRequest&) const {
  if (match.route != nullptr) return std::nullopt;
  const bool known_url = !match.allowed_methods.empty();
  return ApiError{known_url ? ErrorId::kMethodNotAllowed : ErrorId::kUrlNotFound, {}};
}

std::optional<ApiError> Api::RefuseByHead(const Match& match, const HttpRequest& head) {
  if (auto error = Admit(match, head)) return error;
  Caller caller;
  if (match.route->auth == Auth::kRequired) {
    // A signature is proven with the body only. Until then nothing is said about project, role or
    // instance.
    if (authenticator_.IsSigned(head)) {
      return authenticator_.CheckSignedHead(head, clock_.Now(), SigningTime());
    }
    auto who = authenticator_.Authenticate(head, clock_.Now(), SigningTime());
    if (auto* error = std::get_if<ApiError>(&who)) return std::move(*error);
    caller = std::get<Caller>(who);
  }
  if (auto error = Authorize(match, caller)) return error;
  api::Instance* instance = nullptr;
  return Resolve(match, instance);
}

Answer Api::Dispatch(const Match& match, const HttpRequest& request) {
  if (auto error = Admit(match, request)) return *std::move(error);
  Caller caller;
  if (match.route->auth == Auth::kRequired) {
    const auto who = authenticator_.Authenticate(request, clock_.Now(), SigningTime());
    if (const auto* error = std::get_if<ApiError>(&who)) return *error;
    caller = std::get<Caller>(who);
  }
  if (auto error = Authorize(match, caller)) return *std::move(error);
  api::Instance* instance = nullptr;
  if (auto error = Resolve(match, instance)) return *std::move(error);
  const Call call{.request = request,
                  .options = options_,
                  .clock = clock_,
                  .registry = registry_,
                  .lifecycle = lifecycle_,
                  .authenticator = authenticator_,
                  .instance = instance};
  return match.route->handler(call);
}

// Clients sign with the real time, whatever the simulator's clock shows.
store::TimeMs Api::SigningTime() const {
  return options_.signing_clock != nullptr ? options_.signing_clock->Now() : clock_.Now();
}

std::optional<ApiError> Api::Authorize(const Match& match, const Caller& caller) const {
  const std::string* project_id = match.Find("project_id");
  if (project_id == nullptr) return std::nullopt;
  if (!IsProjectId(*project_id)) return ApiError{ErrorId::kInvalidProjectId, {}};
  if (caller.scope != TokenScope::kProject ||
      !absl::EqualsIgnoreCase(*project_id, options_.project_id)) {
    return ApiError{ErrorId::kProjectMismatch, {}};
  }
  const RoleRow& role = Row(caller.role);
  const auto refusal =
      match.route->access == Access::kRead ? role.read_refusal : role.write_refusal;
  return refusal ? std::optional(ApiError{*refusal, {}}) : std::nullopt;
}

std::optional<ApiError> Api::Resolve(const Match& match, api::Instance*& instance) {
  if (const std::string* instance_id = match.Find("instance_id")) {
    if (!IsUuid(*instance_id)) return ApiError{ErrorId::kInvalidInstanceId, {}};
    instance = registry_.Find(*instance_id);
    if (instance == nullptr) return ApiError{ErrorId::kInstanceNotFound, {}};
  }
  return std::nullopt;
}

}  // namespace dcs::rest
