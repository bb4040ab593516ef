// The query of ListInstances: filters and page.
//
// Source: the API page of ListInstances. Thread safety: free functions without state.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "api/registry.h"
#include "api/rest/errors.h"
#include "api/rest/http_message.h"

namespace dcs::rest {

struct InstanceQuery {
  size_t offset = 0;
  size_t limit = 10;
  std::optional<std::string> instance_id;
  std::optional<std::string> name;
  bool name_equal = false;  // otherwise `name` may be any part of it
  std::optional<std::string> status;
  std::optional<std::string> ip;
  bool include_failed = false;  // instances that could not be created
  std::vector<std::pair<std::string, std::string>> tags;

  bool Matches(const api::Instance& instance) const;
};

// Query: offset (0 or more), limit (1 to 1,000), instance_id, name, name_equal and include_failure
// ("true", "false"), status, ip, tags ("key=value,..."). Unknown parameters are ignored. Errors:
// DCS.4062 names the parameter.
std::variant<InstanceQuery, ApiError> ParseInstanceQuery(const HttpRequest& request);

}  // namespace dcs::rest
