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

std::variant<double, ApiError> QueryDecimal(const HttpRequest& request, std::string_view name,
                                            double min, double max) {
  const ApiError invalid{ErrorId::kInvalidParameter, std::string(name)};
  const std::string_view text = request.FindQuery(name).value_or("");
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) {
    return invalid;
  }
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  const bool number = error == std::errc() && parsed == end;
  if (!number || value < min || value > max || request.CountQuery(name) > 1) return invalid;
  return value;
}

}  // namespace dcs::rest
