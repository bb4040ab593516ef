// The two IAM operations that SDKs and Terraform call before DCS operations.
//
// Thread safety: free functions without state.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

// Lists the one simulated project; its name is the configured region's. The list is empty if a
// filter of the query (name, domain_id, parent_id, enabled, is_domain, page) excludes it. So a
// client configured for another region finds no project, as in the cloud.
Answer ListProjects(const Call& call);

// Lists exactly one account.
Answer ListDomains(const Call& call);

}  // namespace dcs::rest
