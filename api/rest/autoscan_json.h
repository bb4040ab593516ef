// The JSON of the automatic scans' configuration, in requests and answers.
//
// Source: the API pages of UpdateExpireAutoScanConfig and ShowExpireAutoScanConfig.
// Thread safety: free functions without state.
#pragma once

#include <string_view>
#include <variant>

#include "api/rest/errors.h"
#include "api/rest/json.h"
#include "scanner/auto_scan.h"

namespace dcs::rest {

// first_scan_at and updated_at are absent until they are set.
Json AutoscanConfigJson(std::string_view instance_id, const scanner::AutoScanConfig& config);

// Applies `body` to the `current` configuration. Every member is optional and keeps its value if
// absent, including enable_auto_scan ("Mandatory: No" in the API page). If enable_auto_scan is
// true, the other four members are mandatory: DCS.4062 names the first missing one.
//
// Values out of range: DCS.4819 to 4822; DCS.4062 for an interval or timeout over 73 million years.
// A first_scan_at in the past is refused only if scans are then on, so that a client can write back
// what it read in order to switch scans off.
std::variant<scanner::AutoScanConfig, ApiError> ParseAutoscanConfig(
    const Json& body, const scanner::AutoScanConfig& current, store::TimeMs now);

}  // namespace dcs::rest
