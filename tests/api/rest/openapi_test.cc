#include "api/rest/openapi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "api/rest/openapi_fragments.h"
#include "api/rest/percent_encoding.h"
#include "api/rest/routes.h"
#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Json Document() { return OpenApiDocument(Routes(), OpenApiFragments()); }

const Json& OperationOf(const Json& document, const Route& route) {
  return document.at("paths")
      .at(std::string(route.pattern))
      .at(absl::AsciiStrToLower(std::string(route.method)));
}

// The target of a reference's `$ref`.
const Json& Resolve(const Json& document, const Json& json) {
  if (!json.contains("$ref")) return json;
  return document.at(Json::json_pointer(json["$ref"].get<std::string>().substr(1)));
}

bool HasSuccess(const Json& operation) {
  for (const auto& response : operation.at("responses").items()) {
    if (response.key().starts_with('2')) return true;
  }
  return false;
}

// The operations without the texts that a reader needs.
std::vector<std::string> Undocumented(const Json& document, absl::Span<const Route> routes) {
  std::vector<std::string> names;
  for (const Route& route : routes) {
    const Json& operation = OperationOf(document, route);
    if (operation.value("summary", "").empty() || operation.value("tags", Json()).empty() ||
        !HasSuccess(operation)) {
      names.emplace_back(route.operation);
    }
  }
  return names;
}

void CollectReferences(const Json& json, std::set<std::string>& references) {
  if (!json.is_structured()) return;
  if (json.is_object() && json.contains("$ref")) references.insert(json["$ref"]);
  for (const Json& part : json) CollectReferences(part, references);
}

// ---- The document

TEST(OpenApi, EveryRouteIsDocumented) {
  EXPECT_THAT(Undocumented(Document(), Routes()), IsEmpty());
}

TEST(OpenApi, UndocumentedRoute_IsNoticed) {
  const Route routes[] = {Routes().front(),
                          {"GET", "/v2/{project_id}/new", "New", Routes().front().handler,
                           Access::kRead, Auth::kRequired}};
  EXPECT_THAT(Undocumented(OpenApiDocument(routes, OpenApiFragments()), routes),
              ElementsAre("New"));
}

TEST(OpenApi, EveryDocumentedOperationIsServed) {
  std::set<std::string> served;
  for (const Route& route : Routes()) {
    EXPECT_TRUE(served.emplace(route.operation).second) << route.operation << " twice";
  }
  for (const std::string_view text : OpenApiFragments().subspan(1)) {
    const Json fragment = Json::parse(text);
    for (const auto& operation : fragment["operations"].items()) {
      EXPECT_TRUE(served.contains(operation.key())) << operation.key();
    }
  }
}

TEST(OpenApi, DocumentedNamesAreUnique) {
  std::set<std::string> seen;
  for (const std::string_view text : OpenApiFragments().subspan(1)) {
    const Json fragment = Json::parse(text);
    for (const char* kind : {"operations", "schemas", "parameters"}) {
      const Json named = fragment.value(kind, Json::object());
      for (const auto& item : named.items()) {
        EXPECT_TRUE(seen.insert(std::string(kind) + " " + item.key()).second) << item.key();
      }
    }
  }
}

TEST(OpenApi, OperationErrorsAreInTheTable) {
  std::set<std::string_view> codes;
  for (const ErrorRow& row : ErrorTable()) codes.insert(row.code);
  for (const std::string_view text : OpenApiFragments().subspan(1)) {
    const Json fragment = Json::parse(text);
    for (const auto& operation : fragment["operations"].items()) {
      for (const Json& code : operation.value().value("x-errors", Json::array())) {
        EXPECT_TRUE(codes.contains(code.get_ref<const std::string&>()))
            << operation.key() << " " << code;
      }
    }
  }
}

TEST(OpenApi, ReferencesResolveAndComponentsAreUsed) {
  const Json document = Document();
  std::set<std::string> references;
  CollectReferences(document, references);
  for (const std::string& reference : references) {
    ASSERT_TRUE(reference.starts_with("#/")) << reference;
    EXPECT_TRUE(document.contains(Json::json_pointer(reference.substr(1)))) << reference;
  }
  for (const char* kind : {"schemas", "parameters", "headers"}) {
    for (const auto& component : document["components"][kind].items()) {
      EXPECT_TRUE(references.contains("#/components/" + std::string(kind) + "/" + component.key()))
          << component.key();
    }
  }
}

TEST(OpenApi, TagsAreListed) {
  const Json document = Document();
  std::set<std::string> tags;
  for (const Json& tag : document["tags"]) EXPECT_TRUE(tags.insert(tag["name"]).second) << tag;
  for (const Route& route : Routes()) {
    for (const Json& tag : OperationOf(document, route).value("tags", Json::array())) {
      EXPECT_TRUE(tags.contains(tag.get<std::string>())) << tag;
    }
  }
}

TEST(OpenApi, Operation_ContainsAllTableFields) {
  const Json document = Document();
  const Json& scan = document["paths"]
                             ["/v2/{project_id}/instances/{instance_id}/"
                              "scan-expire-keys-task"]["post"];
  EXPECT_EQ(scan["operationId"], "CreateAutoExpireScanTask");
  EXPECT_EQ(scan["parameters"][0]["$ref"], "#/components/parameters/project_id");
  EXPECT_EQ(scan["parameters"][1]["$ref"], "#/components/parameters/instance_id");
  EXPECT_EQ(scan["security"], Json::parse(R"([{"signature":[]},{"token":[]}])"));
  EXPECT_FALSE(scan.contains("x-errors"));
  std::vector<std::string> statuses;
  for (const auto& response : scan["responses"].items()) statuses.push_back(response.key());
  EXPECT_THAT(statuses, UnorderedElementsAre("200", "400", "401", "403", "404", "500"));
  EXPECT_EQ(scan["responses"]["403"]["description"],
            "DCS.2003: This role does not have the permission to perform this operation.\n\n"
            "APIGW.0302: The IAM user is not authorized to access the API.\n\n"
            "DCS.3002: This tenant has read permission only and cannot perform this operation.\n\n"
            "SIM.0004: Pages of this origin may not use the server. --allow-origin allows an "
            "origin.\n\n"
            "SIM.0005: The server does not answer to this Host. --allow-host allows a host.");
  EXPECT_EQ(scan["responses"]["404"]["content"]["application/json"]["schema"],
            Json::parse(R"({"allOf": [{"$ref": "#/components/schemas/ServiceError"},
                {"properties": {"error_code": {"enum": ["DCS.3022"]}}}]})"));
  const Json& health = document["paths"]["/_sim/health"]["get"];
  EXPECT_EQ(health["security"], Json::parse(R"([{"sim_token":[]},{"sim_bearer":[]},{}])"));
  EXPECT_FALSE(health.contains("parameters"));
}

// ---- What is served

TEST_F(ApiTest, OpenApiDocument_NeedsNoCredentials) {
  const HttpResponse response = sim.Send("GET", "/_sim/openapi.json");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(*response.headers.Find("Content-Type"), "application/json;charset=UTF-8");
  EXPECT_EQ(Json::parse(response.body), Document());
}

// A request made of the document's examples.
HttpRequest Example(const Json& document, const Route& route) {
  const Json& operation = OperationOf(document, route);
  std::string target(route.pattern);
  char separator = '?';
  for (const Json& written : operation.value("parameters", Json::array())) {
    const Json& parameter = Resolve(document, written);
    const std::string name = parameter["name"];
    if (name == "project_id" || name == "instance_id") {
      absl::StrReplaceAll({{"{" + name + "}", name == "project_id" ? kProject : kInstance}},
                          &target);
      continue;
    }
    if (!parameter.value("required", false)) continue;
    EXPECT_TRUE(parameter.contains("example")) << route.operation << " " << name;
    const Json value = parameter.value("example", Json(""));
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (parameter["in"] == "path") {
      absl::StrReplaceAll({{"{" + name + "}", text}}, &target);
    } else {
      target += separator + name + "=" + PercentEncode(text);
      separator = '&';
    }
  }
  std::string body;
  if (operation.contains("requestBody")) {
    const Json& content = operation["requestBody"]["content"]["application/json"];
    EXPECT_TRUE(content.contains("example")) << route.operation;
    body = content.value("example", Json()).dump();
  }
  return *MakeRequest(route.method, target, {{"X-Auth-Token", "a-token"}}, body);
}

class DocumentedSimulation {
 public:
  DocumentedSimulation() : sim(Options()) {
    sim.Add(kInstance, "7.0");
    sim.Create();  // the scan that the examples name
  }
  SimulatedApi sim;

 private:
  static ApiOptions Options() {
    ApiOptions options = DefaultOptions();
    options.access.users.push_back({"dcs-sim-user", "dcs-sim-password", Role::kFull});
    return options;
  }
};

TEST(OpenApi, EveryRoute_AnswersItsExampleAsDocumented) {
  const Json document = Document();
  for (const Route& route : Routes()) {
    SCOPED_TRACE(route.operation);
    DocumentedSimulation documented;
    const HttpRequest request = Example(document, route);
    const HttpResponse response = documented.sim.Handle(request);
    EXPECT_TRUE(response.status >= 200 && response.status < 300)
        << request.target << " " << response.body;
  }
}

TEST(OpenApi, EveryRoute_RefusesAsDocumented) {
  const Json document = Document();
  for (const Route& route : Routes()) {
    SCOPED_TRACE(route.operation);
    DocumentedSimulation documented;
    const HttpRequest example = Example(document, route);
    for (const char* token : {"", "no-token", "reader-token", "outsider-token", "blocked-token"}) {
      HttpRequest request = example;
      request.headers = {};
      if (*token != '\0') request.headers.Add("X-Auth-Token", token);
      documented.sim.Handle(request);
    }
    // Every path parameter in turn, and every query parameter, as they must not be.
    for (size_t i = 0; i < example.segments.size(); ++i) {
      HttpRequest request = example;
      request.segments[i] = "x";
      documented.sim.Handle(request);
    }
    for (size_t i = 0; i < example.query.size(); ++i) {
      HttpRequest request = example;
      request.query[i].value = "\xff";
      documented.sim.Handle(request);
      request.query.erase(request.query.begin() + static_cast<std::ptrdiff_t>(i));
      documented.sim.Handle(request);
    }
    for (const char* body : {"", "{", "[]", "{}", "null"}) {
      HttpRequest request = example;
      request.body = body;
      documented.sim.Handle(request);
    }
  }
}

// ---- The check itself

TEST(DocumentedAnswers, NoticesUndocumentedAnswers) {
  DocumentedAnswers answers;
  const HttpRequest request = *MakeRequest("GET", "/_sim/census", {}, "");
  const auto violation = [&](int status, const std::string& body, const std::string& type) {
    return answers.Violation(
        request, {.status = status,
                  .headers = {{"Content-Type", type}, {"X-Request-Id", std::string(32, 'a')}},
                  .body = body});
  };
  const std::string good =
      R"({"keys":0,"keys_with_deadline":0,"expired_keys":0,"expired_bytes":0,"used_bytes":0,"held_bytes":0})";
  const std::string missing = R"({"error_code":"DCS.3022","error_msg":"x","error_ext_msg":null})";
  EXPECT_EQ(violation(200, good, "application/json"), "");
  EXPECT_EQ(violation(404, missing, "application/json;charset=UTF-8"), "");
  EXPECT_NE(violation(201, good, "application/json"), "");
  EXPECT_NE(violation(200, good, "text/plain"), "");
  EXPECT_NE(violation(200, "{", "application/json"), "");
  EXPECT_NE(violation(200, absl::StrReplaceAll(good, {{"0,", "-1,"}}), "application/json"), "");
  EXPECT_NE(violation(200, absl::StrReplaceAll(good, {{"keys\"", "key\""}}), "application/json"),
            "");
  EXPECT_NE(violation(404, absl::StrReplaceAll(missing, {{"3022", "4001"}}), "application/json"),
            "");
  EXPECT_NE(violation(404, absl::StrReplaceAll(missing, {{"null", "1"}}), "application/json"), "");
  EXPECT_NE(answers.Violation(
                request,
                {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = good}),
            "")
      << "no request ID";
}

}  // namespace
}  // namespace dcs::rest
