#include "api/rest/request_body.h"

#include <limits>
#include <utility>

namespace dcs::rest {
namespace {

constexpr int kDeepest = 32;

}  // namespace

std::variant<Json, ApiError> ParseBody(const HttpRequest& request) {
  if (request.body.find_first_not_of(" \t\r\n") == std::string::npos) {
    return ApiError{ErrorId::kEmptyBody, {}};
  }
  // The parser takes a NUL for the end.
  if (request.body.find('\0') != std::string::npos) return ApiError{ErrorId::kBodyNotJson, {}};
  // What lies deeper is thrown away while it is read: a hostile body costs its own size.
  bool too_deep = false;
  const auto keep = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  Json body = Json::parse(request.body, keep, /*allow_exceptions=*/false);
  if (too_deep || !body.is_object()) return ApiError{ErrorId::kBodyNotJson, {}};
  return body;
}

const Json* FindMember(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::optional<int64_t> AsInteger(const Json& value, int64_t min, int64_t max) {
  if (!value.is_number_integer()) return std::nullopt;
  // Beyond int64_t the parser makes an unsigned number, which would wrap.
  if (value.is_number_unsigned() &&
      value.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return std::nullopt;
  }
  const auto number = value.get<int64_t>();
  if (number < min || number > max) return std::nullopt;
  return number;
}

}  // namespace dcs::rest
