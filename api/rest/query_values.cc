#include "api/rest/query_values.h"

#include <charconv>
#include <optional>
#include <string>
#include <system_error>

namespace dcs::rest {

std::variant<int64_t, ApiError> QueryNumber(const HttpRequest& request, std::string_view name,
                                            int64_t min, int64_t max, int64_t fallback) {
  const std::optional<std::string_view> text = request.FindQuery(name);
  if (!text) return fallback;
  int64_t value = 0;
  const char* const end = text->data() + text->size();
  const auto [parsed, error] = std::from_chars(text->data(), end, value);
  const bool number = error == std::errc() && parsed == end && *text->data() != '-';
  if (!number || value < min || value > max || request.CountQuery(name) > 1) {
    return ApiError{ErrorId::kInvalidParameter, std::string(name)};
  }
  return value;
}

}  // namespace dcs::rest
