// CORS: the answers by which a browser lets a page of an allowed origin use the API.
//
// Only origins that the user allowed get these headers; see origin_check.h. Credentials of the
// browser (cookies) are never asked for: the API has none.
//
// Source: the Fetch standard, "CORS protocol". Thread safety: free functions.
#pragma once

#include <string_view>

#include "api/rest/http_message.h"

namespace dcs::rest {

// Whether the request is a browser's question what it may send (OPTIONS with the method it wants).
bool IsPreflight(const HttpRequest& request);

// The headers that answer a preflight, beside those of AddCorsHeaders. `methods` are those of the
// URL ("GET, POST").
Headers PreflightHeaders(const HttpRequest& request, std::string_view methods);

// Lets pages of `origin` read the answer.
void AddCorsHeaders(std::string_view origin, Headers& headers);

}  // namespace dcs::rest
