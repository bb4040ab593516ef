// The OpenAPI document: the route table, the error table and what openapi/*.json adds to them.
//
// A fragment documents one family of operations:
//
//   {"tags": [...], "schemas": {...}, "parameters": {...},
//    "operations": {"ShowExpireKeyScanInfo": { an OpenAPI operation object }}}
//
// The table knows an operation's method, path, name, path parameters and who may call it; the
// object says the rest: summary, query, request body, its successful answers, and in "x-errors" the
// codes that only this operation answers. Their statuses and messages come from errors.cc, as do
// the errors that all operations of a kind have in common. tests/api/rest/openapi_test.cc fails for
// a route without an object and for an object without a route.
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

// The document of what is served.
Answer ShowOpenApi(const Call& call);

}  // namespace dcs::rest
