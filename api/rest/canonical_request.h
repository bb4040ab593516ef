// The canonical request: the text that an AK/SK signature covers.
//
// Source: the public SDKs' signers:
//
//   POST\n
//   /v2/PROJECT/instances/INSTANCE/scan-expire-keys-task/\n     segments encoded, '/' at the end
//   limit=10&offset=0\n                                         sorted, encoded
//   host:127.0.0.1:8080\nx-sdk-date:20201124T082644Z\n          the signed headers, trimmed
//   \n
//   host;x-sdk-date\n
//   hex SHA-256 of the body
//
// Thread safety: free functions without state. Cost: O(request).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "api/rest/http_message.h"

namespace dcs::rest {

// All forms in which a client may have signed this path, the usual one first. They differ only if
// the path contains a '%': Python decodes the path before encoding the segments; Go, Node and Java
// encode it unchanged; simple signers use it as sent.
std::vector<std::string> CanonicalPaths(std::string_view raw_path);

// Sorted by name, then value; "name=" if there is no value.
std::string CanonicalQuery(absl::Span<const QueryParameter> query);

// `signed_headers` is the ';' list as the client wrote it; `names` are its parts in lower case.
// REQUIRES: each name occurs in the request exactly once.
std::string CanonicalRequest(const HttpRequest& request, std::string_view canonical_path,
                             std::string_view signed_headers, absl::Span<const std::string> names,
                             std::string_view payload_hash);

}  // namespace dcs::rest
