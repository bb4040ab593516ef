#include "api/rest/cors.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace dcs::rest {
namespace {

constexpr char kWantedMethod[] = "Access-Control-Request-Method";
constexpr char kWantedHeaders[] = "Access-Control-Request-Headers";
constexpr char kMaxAgeSeconds[] = "600";

// Whether `text` is a list of header names, which may be echoed unchanged.
bool IsHeaderList(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == ',' ||
           c == ' ';
  });
}

}  // namespace

bool IsPreflight(const HttpRequest& request) {
  return request.method == "OPTIONS" && request.headers.Find(kWantedMethod) != nullptr;
}

Headers PreflightHeaders(const HttpRequest& request, std::string_view methods) {
  Headers headers = {{"Access-Control-Allow-Methods", std::string(methods)}};
  // Signed requests may carry any header, so an allowed origin may send any.
  const std::string* wanted = request.headers.Find(kWantedHeaders);
  if (wanted != nullptr && IsHeaderList(*wanted)) {
    headers.Add("Access-Control-Allow-Headers", *wanted);
  }
  headers.Add("Access-Control-Max-Age", kMaxAgeSeconds);
  return headers;
}

void AddCorsHeaders(std::string_view origin, Headers& headers) {
  headers.Add("Access-Control-Allow-Origin", origin);
  headers.Add("Access-Control-Expose-Headers", "X-Request-Id, X-Subject-Token, Allow");
  headers.Add("Vary", "Origin");
}

}  // namespace dcs::rest
