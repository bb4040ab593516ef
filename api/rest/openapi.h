// The OpenAPI document, built from the route table, the error table and openapi/*.json.
//
// A fragment documents one family of operations:
//
//   {"tags": [...], "schemas": {...}, "parameters": {...},
//    "operations": {"ShowExpireKeyScanInfo": { an OpenAPI operation object }}}
//
// The route table provides an operation's method, path, name, path parameters and required access.
// The object provides the summary, query, request body, successful answers, and in "x-errors" the
// codes that only this operation returns. Their statuses and messages come from errors.cc, as do
// the errors common to all operations of a kind. tests/api/rest/openapi_test.cc fails for a route
// without an object and for an object without a route.
//
// Thread safety: free functions. Cost: some milliseconds; made once.
#pragma once

#include <string_view>

#include "absl/types/span.h"
#include "api/rest/call.h"
#include "api/rest/json.h"
#include "api/rest/router.h"

namespace dcs::rest {

// REQUIRES: the fragments are JSON of the form above.
Json OpenApiDocument(absl::Span<const Route> routes, absl::Span<const std::string_view> fragments);

// Answers with the document of the served routes.
Answer ShowOpenApi(const Call& call);

}  // namespace dcs::rest
