#include "api/rest/iam_handlers.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dcs::rest {
namespace {

// The URL under which the client reached the server, with `path`.
std::string SelfUrl(const Call& call, const std::string& path) {
  const std::string* host = call.request.headers.Find("host");
  return host == nullptr ? path : call.options.url_scheme + "://" + *host + path;
}

Json ListLinks(const Call& call) {
  return {{"self", SelfUrl(call, call.request.raw_path)}, {"previous", nullptr}, {"next", nullptr}};
}

// Whether the query's filters match the one project: each is empty or has the project's value.
bool IsAskedFor(const Json& project, const HttpRequest& request) {
  for (const char* filter : {"name", "domain_id", "parent_id", "enabled", "is_domain"}) {
    const std::optional<std::string_view> asked = request.FindQuery(filter);
    const Json& value = project[filter];
    const std::string shown = value.is_string() ? value.get<std::string>() : Serialize(value);
    if (asked && !asked->empty() && *asked != shown) return false;
  }
  // The first page holds the project; further pages are empty.
  const std::string_view page = request.FindQuery("page").value_or("1");
  return page == "1" || page.empty();
}

}  // namespace

Answer ListProjects(const Call& call) {
  const Json project = {
      {"id", call.options.project_id},
      {"name", call.options.project_name},
      {"domain_id", call.options.domain_id},
      {"parent_id", call.options.domain_id},
      {"is_domain", false},
      {"enabled", true},
      {"description", ""},
      {"links", {{"self", SelfUrl(call, "/v3/projects/" + call.options.project_id)}}}};
  Json projects = Json::array();
  if (IsAskedFor(project, call.request)) projects.push_back(project);
  return JsonSuccess({{"projects", std::move(projects)}, {"links", ListLinks(call)}});
}

Answer ListDomains(const Call& call) {
  const Json domain = {
      {"id", call.options.domain_id},
      {"name", call.options.domain_name},
      {"enabled", true},
      {"description", ""},
      {"links", {{"self", SelfUrl(call, "/v3/domains/" + call.options.domain_id)}}}};
  return JsonSuccess({{"domains", Json::array({domain})}, {"links", ListLinks(call)}});
}

}  // namespace dcs::rest
