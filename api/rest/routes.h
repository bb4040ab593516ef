// The table of all operations, one row each.
#pragma once

#include "absl/types/span.h"
#include "api/rest/router.h"

namespace dcs::rest {

absl::Span<const Route> Routes();

}  // namespace dcs::rest
