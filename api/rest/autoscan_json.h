// The configuration of automatic scans as the API takes and shows it.
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

// first_scan_at and updated_at are absent until they exist.
Json AutoscanConfigJson(std::string_view instance_id, const scanner::AutoScanConfig& config);

// Applies `body` to the `current` configuration. Every member may be left out and keeps its value
// then, enable_auto_scan too ("Mandatory: No" in the API page). But if enable_auto_scan is true, the
// other four are mandatory: DCS.4062 names the first missing one.
//
// Values out of range: DCS.4819 to 4822; DCS.4062 for an interval or timeout over 73 million years.
// A first_scan_at that has passed is refused only if scans are on afterwards: what was read can be
// written back to switch scans off.
std::variant<scanner::AutoScanConfig, ApiError> ParseAutoscanConfig(
    const Json& body, const scanner::AutoScanConfig& current, store::TimeMs now);

}  // namespace dcs::rest
