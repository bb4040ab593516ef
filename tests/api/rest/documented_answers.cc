#include "tests/api/rest/documented_answers.h"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "absl/strings/ascii.h"
#include "api/rest/openapi.h"
#include "api/rest/openapi_fragments.h"
#include "api/rest/routes.h"

namespace dcs::rest {
namespace {

using nlohmann::json;
using valijson::adapters::NlohmannJsonAdapter;

json ServedDocument() {
  return json::parse(Serialize(OpenApiDocument(Routes(), OpenApiFragments())));
}

// The documented answer if no operation has that URL and method: an error, or 204 to a CORS
// preflight. The document's description promises it.
json Unknown(const Match& match, int status) {
  if (status == 204) return json::object();
  json codes = {match.allowed_methods.empty() ? "DCS.4001" : "DCS.5001"};
  if (status == 403) codes = {"SIM.0004", "SIM.0005"};
  const json schema = {{"allOf",
                        {{{"$ref", "#/components/schemas/ServiceError"}},
                         {{"properties", {{"error_code", {{"enum", codes}}}}}}}}};
  return {{"content", {{"application/json", {{"schema", schema}}}}}};
}

// The place in the body and the reason.
std::string Describe(valijson::ValidationResults& results) {
  std::string text;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const std::string& step : error.context) text += step;
    text += ": " + error.description + "\n";
  }
  return text;
}

std::string MissingHeaders(const json& promise, const HttpResponse& response) {
  std::string missing;
  if (response.headers.Find("X-Request-Id") == nullptr) missing += " X-Request-Id";
  const json headers = promise.value("headers", json::object());
  for (const auto& header : headers.items()) {
    if (response.headers.Find(header.key()) == nullptr) missing += " " + header.key();
  }
  return missing;
}

}  // namespace

DocumentedAnswers::DocumentedAnswers() : document_(ServedDocument()), router_(Routes()) {}

DocumentedAnswers::~DocumentedAnswers() = default;

json DocumentedAnswers::Promise(const Match& match, int status) const {
  if (match.route == nullptr) return Unknown(match, status);
  const json& responses =
      document_["paths"][std::string(match.route->pattern)]
               [absl::AsciiStrToLower(std::string(match.route->method))]["responses"];
  const auto found = responses.find(std::to_string(status));
  return found == responses.end() ? json{{"missing", true}} : *found;
}

std::string DocumentedAnswers::BodyViolation(const std::string& name, const json& schema,
                                             const std::string& body) {
  std::unique_ptr<valijson::Schema>& parsed = schemas_[name];
  if (parsed == nullptr) {
    parsed = std::make_unique<valijson::Schema>();
    const json rooted = {{"allOf", {schema}}, {"components", document_["components"]}};
    valijson::SchemaParser().populateSchema(NlohmannJsonAdapter(rooted), *parsed);
  }
  const json value = json::parse(body, nullptr, false);
  if (value.is_discarded()) return "the body is not JSON";
  valijson::ValidationResults results;
  valijson::Validator().validate(*parsed, NlohmannJsonAdapter(value), &results);
  return Describe(results);
}

std::string DocumentedAnswers::Violation(const HttpRequest& request, const HttpResponse& response) {
  const Match match = router_.Find(request.method, request.segments);
  const json promise = Promise(match, response.status);
  const std::string name = (match.route == nullptr ? "no operation " + match.allowed_methods
                                                   : std::string(match.route->operation)) +
                           " " + std::to_string(response.status);
  std::string wrong;
  if (promise.contains("missing")) {
    wrong = "the status is not documented";
  } else if (const std::string headers = MissingHeaders(promise, response); !headers.empty()) {
    wrong = "missing:" + headers;
  } else if (!promise.contains("content")) {
    if (!response.body.empty()) wrong = "a body is not documented";
  } else {
    const std::string* type = response.headers.Find("Content-Type");
    const std::string media = type == nullptr ? "" : type->substr(0, type->find(';'));
    if (!promise["content"].contains(media)) {
      wrong = "the content type '" + media + "' is not documented";
    } else if (promise["content"][media].contains("schema")) {
      wrong = BodyViolation(name, promise["content"][media]["schema"], response.body);
    }
  }
  return wrong.empty() ? "" : name + ": " + wrong + "\n" + response.body.substr(0, 1000);
}

}  // namespace dcs::rest
