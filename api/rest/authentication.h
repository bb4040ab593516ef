// Who may call: an AK/SK signature or a token.
//
// Choice where the sources are silent: what the gateway checks (signatures, access keys) is
// answered in its form, 401 APIGW.0301; a missing or wrong token in the service's, 401 DCS.1003 and
// DCS.1001. Thread safety: free function without state.
#pragma once

#include <optional>

#include "api/rest/api_options.h"
#include "api/rest/errors.h"
#include "api/rest/http_message.h"
#include "store/clock.h"

namespace dcs::rest {

// nullopt where the request may go on. A signature is checked before a token, and decides alone
// where there is one.
std::optional<ApiError> Authenticate(const HttpRequest& request, const ApiOptions& options,
                                     store::TimeMs now);

}  // namespace dcs::rest
