#include "api/rest/api.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "api/rest/cors.h"
#include "api/rest/http_rules.h"
#include "api/rest/identifiers.h"
#include "api/rest/routes.h"
#include "api/rest/sim_token.h"

namespace dcs::rest {
namespace {

// Adds the headers of every answer to one request: its ID, and CORS headers if its origin is
// allowed.
HttpResponse ToResponse(const Outcome& outcome, const Headers& common) {
  HttpResponse response;
  if (const auto* error = std::get_if<ApiError>(&outcome)) {
    response = ErrorResponse(*error, *common.Find("X-Request-Id"));
  } else {
    const Success& success = std::get<Success>(outcome);
    response = {.status = success.status, .headers = success.headers, .body = success.body};
    if (!success.content_type.empty()) response.headers.Add("Content-Type", success.content_type);
  }
  for (const Header& header : common.all()) response.headers.Set(header.name, header.value);
  return response;
}

HttpResponse ToResponse(const Outcome& outcome, const Match& match, const Headers& common) {
  HttpResponse response = ToResponse(outcome, common);
  if (const std::string allow = match.Allow(); !allow.empty()) {
    response.headers.Add("Allow", allow);
  }
  return response;
}

// The methods of the server as a whole: the answer to "OPTIONS *".
std::string MethodsOf(absl::Span<const Route> routes) {
  std::set<std::string_view> methods = {"HEAD", "OPTIONS"};
  for (const Route& route : routes) methods.insert(route.method);
  return absl::StrJoin(methods, ", ",
                       [](std::string* out, std::string_view method) { out->append(method); });
}

}  // namespace

Api::Api(api::Lifecycle& lifecycle, const store::Clock& clock, ApiOptions options)
    : lifecycle_(lifecycle),
      registry_(lifecycle.registry()),
      clock_(clock),
      options_(std::move(options)),
      origins_(options_.origins, options_.url_scheme),
      authenticator_(options_),
      router_(Routes()) {}

// A request and the state of its handling.
struct Api::Task {
  HttpRequest request;
  Match match;
  Headers common;  // headers of every answer to it
  Caller caller = {};
  ParsedBody body = ApiError{ErrorId::kEmptyBody, {}};
};

HeadVerdict Api::CheckHead(const HttpRequest& head) {
  const Match match = router_.Find(head.method, head.segments);
  if (auto error = RefuseByHead(match, head)) {
    return {.refusal = ToResponse(*std::move(error), match, CommonHeaders(head))};
  }
  if (match.route == nullptr) return {.keep_body = false};
  return {.keep_body = match.route->body == Body::kJson,
          .hash_body = match.route->auth == Auth::kRequired && authenticator_.IsSigned(head)};
}

HttpReply Api::Handle(HttpRequest request) {
  const auto task = std::make_shared<Task>();
  task->request = std::move(request);
  task->match = router_.Find(task->request.method, task->request.segments);
  task->common = CommonHeaders(task->request);
  const auto refuse = [&](ApiError error) {
    return ToResponse(std::move(error), task->match, task->common);
  };
  if (const auto refusal = origins_.Refusal(task->request)) return refuse({*refusal, {}});
  if (IsAllowedPreflight(*task)) {
    const Success allowed{.status = 204,
                          .content_type = {},
                          .body = {},
                          .headers = PreflightHeaders(task->request, task->match.allowed_methods)};
    return ToResponse(allowed, task->match, task->common);
  }
  if (auto options = AnswerOptions(*task)) return *std::move(options);
  auto who = Identify(task->match, task->request);
  if (auto* error = std::get_if<ApiError>(&who)) return refuse(std::move(*error));
  task->caller = std::get<Caller>(who);
  if (task->match.route->body == Body::kIgnored) return Perform(*task);
  if (auto error = RefuseCoding(task->match, task->request)) return refuse(*std::move(error));
  if (task->request.body.size() <= kParsedHere) {
    task->body = ParseBody(task->request.body);
    return Perform(*task);
  }
  // Set only when the body is needed.
  api::Instance* instance = nullptr;
  if (auto error = Permit(task->match, task->caller, instance)) return refuse(*std::move(error));
  return LongStep{.work = [task] { task->body = ParseBody(task->request.body); },
                  .reply = [this, task] { return Perform(*task); }};
}

// OPTIONS names the methods and changes nothing, so it needs no authentication; a 405 answer
// reveals the same.
std::optional<HttpResponse> Api::AnswerOptions(const Task& task) const {
  if (task.request.method != "OPTIONS") return std::nullopt;
  const Success none{.status = 204, .content_type = {}, .body = {}};
  if (task.request.raw_path == "*") {
    HttpResponse response = ToResponse(none, task.common);
    response.headers.Add("Allow", MethodsOf(Routes()));
    return response;
  }
  if (task.match.allowed_methods.empty()) return std::nullopt;
  return ToResponse(none, task.match, task.common);
}

std::variant<Caller, ApiError> Api::Identify(const Match& match, const HttpRequest& request) {
  if (match.route == nullptr) {
    const bool known_url = !match.allowed_methods.empty();
    return ApiError{known_url ? ErrorId::kMethodNotAllowed : ErrorId::kUrlNotFound, {}};
  }
  switch (match.route->auth) {
    case Auth::kRequired:
      return authenticator_.Authenticate(request, clock_.Now(), SigningTime());
    case Auth::kSimToken:
      if (options_.sim_token.empty() || CarriesSimToken(request, options_.sim_token)) {
        return Caller{};
      }
      return ApiError{ErrorId::kNoSimToken, {}};
    case Auth::kNone:
      break;
  }
  return Caller{};
}

Headers Api::CommonHeaders(const HttpRequest& head) const {
  Headers common = {{"X-Request-Id", NewRequestId()}};
  if (const std::string* origin = origins_.AllowedOrigin(head)) AddCorsHeaders(*origin, common);
  return common;
}

bool Api::IsAllowedPreflight(const Task& task) const {
  return task.match.route == nullptr && !task.match.allowed_methods.empty() &&
         IsPreflight(task.request) && origins_.AllowedOrigin(task.request) != nullptr;
}

std::optional<ApiError> Api::RefuseByHead(const Match& match, const HttpRequest& head) {
  if (const auto refusal = origins_.Refusal(head)) return ApiError{*refusal, {}};
  // Handle answers these, because the ignored body may turn out to be malformed HTTP.
  if (match.route == nullptr) return std::nullopt;
  // A signature is verified with the body only. Until then the answer reveals nothing about
  // project, role or instance.
  if (match.route->auth == Auth::kRequired && authenticator_.IsSigned(head)) {
    auto error = authenticator_.CheckSignedHead(head, clock_.Now(), SigningTime());
    return error ? error : RefuseCoding(match, head);
  }
  auto who = Identify(match, head);
  if (auto* error = std::get_if<ApiError>(&who)) return std::move(*error);
  api::Instance* instance = nullptr;
  auto error = Permit(match, std::get<Caller>(who), instance);
  return error ? error : RefuseCoding(match, head);
}

std::optional<ApiError> Api::RefuseCoding(const Match& match, const HttpRequest& head) {
  if (match.route->body == Body::kIgnored || !HasContentCoding(head.headers)) return std::nullopt;
  return ApiError{ErrorId::kContentCoding, {}};
}

std::optional<ApiError> Api::Permit(const Match& match, const Caller& caller,
                                    api::Instance*& instance) {
  if (auto error = Authorize(match, caller)) return error;
  return Resolve(match, instance);
}

// Checks project and instance again: they may have changed since the request came.
HttpReply Api::Perform(const Task& task) {
  const Match& match = task.match;
  const Headers& common = task.common;
  api::Instance* instance = nullptr;
  if (auto error = Permit(match, task.caller, instance)) {
    return ToResponse(*std::move(error), match, common);
  }
  // A change that cannot be saved must not be acknowledged. The log has the reason.
  const bool changes_kept =
      match.route->access == Access::kWrite && match.route->keeping == Keeping::kKept;
  if (changes_kept && options_.keeping && !options_.keeping().ok()) {
    return ToResponse(ApiError{ErrorId::kInternal, {}}, match, common);
  }
  const Call call{.request = task.request,
                  .body = task.body,
                  .options = options_,
                  .clock = clock_,
                  .registry = registry_,
                  .lifecycle = lifecycle_,
                  .authenticator = authenticator_,
                  .instance = instance};
  Answer answer = match.route->handler(call);
  if (auto* deferred = std::get_if<Deferred>(&answer)) {
    return LongWork(
        [work = std::move(deferred->work), common] { return ToResponse(work(), common); });
  }
  if (auto* awaited = std::get_if<Awaited>(&answer)) {
    return AwaitedResponse{
        [begin = std::move(awaited->begin), common](std::function<void(HttpResponse)> done) {
          begin([done = std::move(done), common](const Outcome& outcome) {
            done(ToResponse(outcome, common));
          });
        }};
  }
  return ToResponse(std::get<Outcome>(answer), match, common);
}

// Clients sign with the real time, also if the simulator's clock shows another.
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
