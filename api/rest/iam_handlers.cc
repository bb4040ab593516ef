#include "api/rest/iam_handlers.h"

#include <string>

namespace dcs::rest {
namespace {

// Where the client found us, with `path`.
std::string SelfUrl(const Call& call, const std::string& path) {
  const std::string* host = call.request.headers.Find("host");
  return host == nullptr ? path : call.options.url_scheme + "://" + *host + path;
}

Json ListLinks(const Call& call) {
  return {{"self", SelfUrl(call, call.request.raw_path)}, {"previous", nullptr}, {"next", nullptr}};
}

}  // namespace

Answer ListProjects(const Call& call) {
  const std::string name(call.request.FindQuery("name").value_or(call.options.project_name));
  const Json project = {
      {"id", call.options.project_id},
      {"name", name},
      {"domain_id", call.options.domain_id},
      {"parent_id", call.options.domain_id},
      {"is_domain", false},
      {"enabled", true},
      {"description", ""},
      {"links", {{"self", SelfUrl(call, "/v3/projects/" + call.options.project_id)}}}};
  return JsonSuccess({{"projects", Json::array({project})}, {"links", ListLinks(call)}});
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
