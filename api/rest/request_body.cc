#include "api/rest/request_body.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/rest/json_builder.h"

namespace dcs::rest {
namespace {

// The API's largest request has a few hundred values at depth 4.
constexpr JsonLimits kBodyLimits{.depth = 32, .values = 10'000};

}  // namespace

ParsedBody ParseBody(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return ApiError{ErrorId::kEmptyBody, {}};
  }
  ParsedJson parsed = ParseJson(body, kBodyLimits);
  if (!parsed.json || !parsed.json->is_object()) return ApiError{ErrorId::kBodyNotJson, {}};
  return *std::move(parsed.json);
}

const Json* FindMember(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::optional<int64_t> AsInteger(const Json& value, int64_t min, int64_t max) {
  if (!value.is_number_integer()) return std::nullopt;
  // Above int64_t the parser returns an unsigned number, which would wrap.
  if (value.is_number_unsigned() &&
      value.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return std::nullopt;
  }
  const auto number = value.get<int64_t>();
  if (number < min || number > max) return std::nullopt;
  return number;
}

}  // namespace dcs::rest
