// The two IAM operations that SDKs and Terraform call before they call DCS.
//
// Thread safety: free functions without state.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

// Exactly one project, as SDKs demand, under the name that was asked for (a region's): the one
// project that is simulated stands for every region that a client may be set to.
Answer ListProjects(const Call& call);

// Exactly one account.
Answer ListDomains(const Call& call);

}  // namespace dcs::rest
