#include "api/rest/instance_query.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "api/rest/query_values.h"

namespace dcs::rest {
namespace {

constexpr int64_t kDefaultLimit = 10;
constexpr int64_t kMaxLimit = 1000;
constexpr int64_t kMaxOffset = std::numeric_limits<int32_t>::max();

std::optional<std::string> Text(const HttpRequest& request, std::string_view name) {
  const std::optional<std::string_view> text = request.FindQuery(name);
  if (!text || text->empty()) return std::nullopt;  // clients send an empty text for "any"
  return std::string(*text);
}

std::variant<bool, ApiError> Flag(const HttpRequest& request, std::string_view name) {
  const std::string text = Text(request, name).value_or("false");
  if (absl::EqualsIgnoreCase(text, "true")) return true;
  if (absl::EqualsIgnoreCase(text, "false")) return false;
  return ApiError{ErrorId::kInvalidParameter, std::string(name)};
}

}  // namespace

std::variant<InstanceQuery, ApiError> ParseInstanceQuery(const HttpRequest& request) {
  InstanceQuery query;
  const auto offset = QueryNumber(request, "offset", 0, kMaxOffset, 0);
  if (const auto* error = std::get_if<ApiError>(&offset)) return *error;
  query.offset = static_cast<size_t>(std::get<int64_t>(offset));
  const auto limit = QueryNumber(request, "limit", 1, kMaxLimit, kDefaultLimit);
  if (const auto* error = std::get_if<ApiError>(&limit)) return *error;
  query.limit = static_cast<size_t>(std::get<int64_t>(limit));
  const auto name_equal = Flag(request, "name_equal");
  if (const auto* error = std::get_if<ApiError>(&name_equal)) return *error;
  query.name_equal = std::get<bool>(name_equal);
  const auto include_failed = Flag(request, "include_failure");
  if (const auto* error = std::get_if<ApiError>(&include_failed)) return *error;
  query.include_failed = std::get<bool>(include_failed);
  query.instance_id = Text(request, "instance_id");
  query.name = Text(request, "name");
  query.status = Text(request, "status");
  query.ip = Text(request, "ip");
  const std::string tags = Text(request, "tags").value_or("");
  for (const absl::string_view tag : absl::StrSplit(tags, ',', absl::SkipEmpty())) {
    query.tags.push_back(absl::StrSplit(tag, absl::MaxSplits('=', 1)));
  }
  // Removes duplicates. An instance has at most 20 tags, so matching thousands of them fails at the
  // 21st at the latest.
  std::sort(query.tags.begin(), query.tags.end());
  query.tags.erase(std::unique(query.tags.begin(), query.tags.end()), query.tags.end());
  return query;
}

bool InstanceQuery::Matches(const api::Instance& instance) const {
  const api::InstanceSpec& spec = instance.spec;
  const bool failed = instance.phase == api::InstancePhase::kCreateFailed;
  if (instance_id && !absl::EqualsIgnoreCase(spec.id, *instance_id)) return false;
  if (name && (name_equal ? spec.name != *name : spec.name.find(*name) == std::string::npos)) {
    return false;
  }
  if (status && ToString(instance.phase) != *status) return false;
  if (failed && !include_failed && !status) return false;
  if (ip && instance.master().host != *ip) return false;
  return std::all_of(tags.begin(), tags.end(), [&](const auto& tag) {
    return std::find(spec.tags.begin(), spec.tags.end(), tag) != spec.tags.end();
  });
}

}  // namespace dcs::rest
