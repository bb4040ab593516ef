// Requirements of HTTP on request headers, beyond the parser's checks.
//
// Thread safety: free functions without state. Cost: O(headers).
#pragma once

#include "api/rest/http_message.h"

namespace dcs::rest {

// Why a request with these headers is malformed (RFC 9112), for the log; nullptr if it is not.
// `version` is 10 or 11.
const char* WhyMalformed(const Headers& headers, unsigned version);

// Whether Expect has a value other than 100-continue (RFC 9110, 10.1.1).
bool HasUnknownExpectation(const Headers& headers);

// Whether the body is encoded, for instance by gzip. "identity" means not encoded (RFC 9110,
// 8.4.1).
bool HasContentCoding(const Headers& headers);

}  // namespace dcs::rest
