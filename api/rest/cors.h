// CORS: the headers that let a page of an allowed origin use the API in a browser.
//
// Only origins allowed by the user get these headers; see origin_check.h. Browser credentials
// (cookies) are never requested: the API has none.
//
// Source: the Fetch standard, "CORS protocol". Thread safety: free functions.
#pragma once

#include <string_view>

#include "api/rest/http_message.h"

namespace dcs::rest {

// Whether the request is a CORS preflight (OPTIONS that names the method it wants).
bool IsPreflight(const HttpRequest& request);

// The headers of a preflight's answer in addition to AddCorsHeaders. `methods` are those of the URL
// ("GET, POST").
Headers PreflightHeaders(const HttpRequest& request, std::string_view methods);

// Lets pages of `origin` read the answer.
void AddCorsHeaders(std::string_view origin, Headers& headers);

}  // namespace dcs::rest
