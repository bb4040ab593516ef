// The token that protects the simulator's own operations (/_sim), if the user sets one.
//
//   X-Sim-Token: TOKEN          or          Authorization: Bearer TOKEN
//
// It is another secret than the API's credentials, which never open /_sim: the cloud has no such
// operations, so its roles say nothing about them.
//
// Thread safety: free function without state.
#pragma once

#include <string_view>

#include "api/rest/http_message.h"

namespace dcs::rest {

// Whether the request carries `token`, to the byte. If both headers are there, X-Sim-Token decides;
// a header that occurs twice never matches. Takes a time that does not depend on the tokens.
bool CarriesSimToken(const HttpRequest& request, std::string_view token);

}  // namespace dcs::rest
