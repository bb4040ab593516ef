// The two IAM operations that SDKs and Terraform call before they call DCS.
//
// Thread safety: free functions without state.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

// The one project that is simulated; its name is the configured region's. None if a filter of the
// query (name, domain_id, parent_id, enabled, is_domain, page) excludes it, so a client that is set to
// another region finds no project there, as in the cloud.
Answer ListProjects(const Call& call);

// Exactly one account.
Answer ListDomains(const Call& call);

}  // namespace dcs::rest
