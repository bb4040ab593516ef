// The forms of the API's IDs.
//
// Thread safety: all functions may be called from any thread.
#pragma once

#include <string>
#include <string_view>

namespace dcs::rest {

// 8-4-4-4-12 hex digits of either case, 36 characters: instance and task IDs.
bool IsUuid(std::string_view text);

// A UUID, or 32 hex digits without hyphens: project IDs occur in both forms.
bool IsProjectId(std::string_view text);

// 32 random hex digits, for X-Request-Id and the gateway's request_id.
std::string NewRequestId();

}  // namespace dcs::rest
