#include "api/rest/sim_token.h"

#include <string>

#include "absl/strings/match.h"
#include "api/rest/digest.h"

namespace dcs::rest {

bool CarriesSimToken(const HttpRequest& request, std::string_view token) {
  if (const std::string* sent = request.headers.Find("x-sim-token")) {
    return request.headers.Count("x-sim-token") == 1 && SameSecret(*sent, token);
  }
  static constexpr std::string_view kBearer = "Bearer ";
  const std::string* sent = request.headers.Find("authorization");
  if (sent == nullptr || request.headers.Count("authorization") > 1 ||
      !absl::StartsWithIgnoreCase(*sent, {kBearer.data(), kBearer.size()})) {
    return false;
  }
  return SameSecret(std::string_view(*sent).substr(kBearer.size()), token);
}

}  // namespace dcs::rest
