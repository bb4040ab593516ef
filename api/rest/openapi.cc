#include "api/rest/openapi.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "api/rest/errors.h"
#include "api/rest/openapi_fragments.h"
#include "api/rest/routes.h"

namespace dcs::rest {
namespace {

using enum ErrorId;

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

Json Ref(std::string_view kind, std::string_view name) {
  return {{"$ref", absl::StrCat("#/components/", ToAbsl(kind), "/", ToAbsl(name))}};
}

// The names in braces, in the pattern's order.
std::vector<std::string> PathParameters(const Route& route) {
  std::vector<std::string> names;
  for (const absl::string_view segment : absl::StrSplit(ToAbsl(route.pattern), '/')) {
    if (segment.size() < 2 || segment.front() != '{') continue;
    names.emplace_back(segment.substr(1, segment.size() - 2));
  }
  return names;
}

// The errors of the checks that Api makes before it calls the handler, and those that can always
// occur.
std::vector<ErrorId> CommonErrors(const Route& route) {
  std::vector<ErrorId> errors;
  const auto add = [&](std::initializer_list<ErrorId> ids) {
    errors.insert(errors.end(), ids.begin(), ids.end());
  };
  if (route.auth == Auth::kRequired) {
    add({kInvalidToken, kTokenExpired, kNoToken, kGatewayBadCredentials});
  }
  if (route.auth == Auth::kSimToken) add({kNoSimToken});
  if (route.body == Body::kJson) add({kContentCoding});
  for (const std::string& name : PathParameters(route)) {
    if (name == "project_id") {
      add({kInvalidProjectId, kProjectMismatch, kRoleForbidden, kGatewayNotAuthorized});
      if (route.access == Access::kWrite) add({kReadOnlyTenant});
    }
    if (name == "instance_id") add({kInvalidInstanceId, kInstanceNotFound});
  }
  add({kForeignOrigin, kForeignHost, kInternal});
  return errors;
}

// Adds all rows with that code; a gateway code may have several.
void AddErrorsOfCode(const std::string& code, std::vector<ErrorId>& errors) {
  for (const ErrorRow& row : ErrorTable()) {
    if (ToAbsl(row.code) == code) errors.push_back(row.id);
  }
}

// The schema of an error body that holds one of these codes.
Json ErrorSchema(std::string_view form, const std::vector<const ErrorRow*>& rows) {
  Json codes = Json::array();
  for (const ErrorRow* row : rows) {
    if (std::find(codes.begin(), codes.end(), row->code) == codes.end()) {
      codes.push_back(row->code);
    }
  }
  return {
      {"allOf",
       {Ref("schemas", form), {{"properties", {{"error_code", {{"enum", std::move(codes)}}}}}}}}};
}

// The answer of one status, from the gateway, the service or both.
Json ErrorAnswer(const std::vector<const ErrorRow*>& rows) {
  std::string description;
  std::map<ErrorSource, std::vector<const ErrorRow*>> sources;
  for (const ErrorRow* row : rows) {
    absl::StrAppend(&description, description.empty() ? "" : "\n\n", ToAbsl(row->code), ": ",
                    ToAbsl(row->message));
    sources[row->source].push_back(row);
  }
  std::vector<Json> schemas;
  for (const auto& [source, of_source] : sources) {
    schemas.push_back(
        ErrorSchema(source == ErrorSource::kGateway ? "GatewayError" : "ServiceError", of_source));
  }
  Json schema = schemas.size() == 1 ? schemas.front() : Json{{"oneOf", schemas}};
  return {{"description", description},
          {"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
}

void AddErrors(const Route& route, const Json& own_codes, Json& responses) {
  std::vector<ErrorId> errors = CommonErrors(route);
  for (const Json& code : own_codes) AddErrorsOfCode(code, errors);
  std::map<int, std::vector<const ErrorRow*>> by_status;
  for (const ErrorId id : errors) {
    std::vector<const ErrorRow*>& rows = by_status[Row(id).http_status];
    if (std::find(rows.begin(), rows.end(), &Row(id)) == rows.end()) rows.push_back(&Row(id));
  }
  for (const auto& [status, rows] : by_status) {
    responses[std::to_string(status)] = ErrorAnswer(rows);
  }
}

// Combines the route table and the fragment's object into one operation object.
Json Operation(const Route& route, const Json& documented) {
  Json operation = documented;
  operation["operationId"] = route.operation;
  Json parameters = Json::array();
  for (const std::string& name : PathParameters(route)) {
    parameters.push_back(Ref("parameters", name));
  }
  for (const Json& parameter : documented.value("parameters", Json::array())) {
    parameters.push_back(parameter);
  }
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  operation["security"] = Json::array();
  if (route.auth == Auth::kRequired) {
    operation["security"] = {{{"signature", Json::array()}}, {{"token", Json::array()}}};
  }
  // The last alternative is no credentials, for a server without --sim-token.
  if (route.auth == Auth::kSimToken) {
    operation["security"] = {
        {{"sim_token", Json::array()}}, {{"sim_bearer", Json::array()}}, Json::object()};
  }
  operation.erase("x-errors");
  AddErrors(route, documented.value("x-errors", Json::array()), operation["responses"]);
  for (Json& response : operation["responses"]) {
    response["headers"]["X-Request-Id"] = Ref("headers", "X-Request-Id");
  }
  return operation;
}

}  // namespace

Json OpenApiDocument(absl::Span<const Route> routes, absl::Span<const std::string_view> fragments) {
  Json document = Json::parse(fragments.front());
  document["info"]["version"] = DCS_SIM_VERSION;
  Json operations = Json::object();
  for (const std::string_view text : fragments.subspan(1)) {
    const Json fragment = Json::parse(text);
    for (const Json& tag : fragment.value("tags", Json::array())) document["tags"].push_back(tag);
    for (const char* kind : {"schemas", "parameters"}) {
      document["components"][kind].update(fragment.value(kind, Json::object()));
    }
    operations.update(fragment.at("operations"));
  }
  for (const Route& route : routes) {
    const std::string method = absl::AsciiStrToLower(ToAbsl(route.method));
    document["paths"][std::string(route.pattern)][method] =
        Operation(route, operations.value(std::string(route.operation), Json::object()));
  }
  return document;
}

Answer ShowOpenApi(const Call&) {
  static const Success answer = JsonSuccess(OpenApiDocument(Routes(), OpenApiFragments()));
  return answer;
}

}  // namespace dcs::rest
