// The files of openapi/, compiled in; base.json comes first.
//
// Thread safety: constants.
#pragma once

#include <string_view>

#include "absl/types/span.h"

namespace dcs::rest {

absl::Span<const std::string_view> OpenApiFragments();

}  // namespace dcs::rest
