// What HTTP asks of the headers of a request, beyond what the parser checks.
//
// Thread safety: free functions without state. Cost: O(headers).
#pragma once

#include "api/rest/http_message.h"

namespace dcs::rest {

// Why a request with these headers must be refused as malformed (RFC 9112), for a log; nullptr if it
// need not. `version` is 10 or 11.
const char* WhyMalformed(const Headers& headers, unsigned version);

// Whether Expect asks for something else than 100-continue (RFC 9110, 10.1.1).
bool HasUnknownExpectation(const Headers& headers);

// Whether the body is encoded, such as by gzip. "identity" means that it is not (RFC 9110, 8.4.1).
bool HasContentCoding(const Headers& headers);

}  // namespace dcs::rest
