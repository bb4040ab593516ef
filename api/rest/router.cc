#include "api/rest/router.h"

#include <algorithm>

#include "absl/strings/str_split.h"

namespace dcs::rest {
namespace {

bool IsParameter(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

bool Matches(absl::Span<const std::string_view> pattern, absl::Span<const std::string> segments) {
  if (IsParameter(pattern.back()) && (segments.empty() || segments.back().empty())) return false;
  return std::equal(pattern.begin(), pattern.end(), segments.begin(), segments.end(),
                    [](std::string_view expected, const std::string& segment) {
                      return IsParameter(expected) || expected == segment;
                    });
}

}  // namespace

std::string Match::Allow() const {
  if (allowed_methods.empty()) return {};
  const std::vector<std::string> methods = absl::StrSplit(allowed_methods, ", ");
  const bool get = std::find(methods.begin(), methods.end(), "GET") != methods.end();
  return allowed_methods + (get ? ", HEAD, OPTIONS" : ", OPTIONS");
}

const std::string* Match::Find(std::string_view parameter) const {
  for (const auto& [name, value] : parameters) {
    if (name == parameter) return &value;
  }
  return nullptr;
}

Router::Router(absl::Span<const Route> routes) {
  for (const Route& route : routes) {
    Entry entry{.route = &route, .pattern = {}};
    const absl::string_view pattern(route.pattern.data() + 1, route.pattern.size() - 1);
    for (const absl::string_view segment : absl::StrSplit(pattern, '/')) {
      entry.pattern.emplace_back(segment.data(), segment.size());
    }
    entries_.push_back(std::move(entry));
  }
}

Match Router::Find(std::string_view method, absl::Span<const std::string> segments) const {
  Match match;
  const std::string_view served = method == "HEAD" ? "GET" : method;
  for (const Entry& entry : entries_) {
    if (!Matches(entry.pattern, segments)) continue;
    if (entry.route->method != served) {
      if (!match.allowed_methods.empty()) match.allowed_methods += ", ";
      match.allowed_methods += entry.route->method;
      continue;
    }
    match.route = entry.route;
    match.allowed_methods.clear();
    for (size_t i = 0; i < segments.size(); ++i) {
      const std::string_view name = entry.pattern[i];
      if (!IsParameter(name)) continue;
      match.parameters.emplace_back(name.substr(1, name.size() - 2), segments[i]);
    }
    return match;
  }
  return match;
}

}  // namespace dcs::rest
