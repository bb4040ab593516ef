// The token that protects the simulator's own operations (/_sim), if the user sets one.
//
//   X-Sim-Token: TOKEN          or          Authorization: Bearer TOKEN
//
// It differs from the API's credentials, which never open /_sim: the cloud has no such operations,
// so its roles do not cover them.
//
// Thread safety: free function without state.
#pragma once

#include <string_view>

#include "api/rest/http_message.h"

namespace dcs::rest {

// Whether the request carries exactly `token`. If both headers are present, X-Sim-Token decides; a
// header that occurs twice never matches. Takes a time independent of the tokens.
bool CarriesSimToken(const HttpRequest& request, std::string_view token);

}  // namespace dcs::rest
