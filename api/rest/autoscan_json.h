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

// What `body` makes of the `current` configuration: members that it leaves out stay.
// enable_auto_scan is mandatory, and with it true the other four are: DCS.4062 names the first
// missing one. Values out of range: DCS.4819 to 4822. A first_scan_at that has passed is refused
// only where it would be the first scan's: what was read can be written back to switch scans off.
std::variant<scanner::AutoScanConfig, ApiError> ParseAutoscanConfig(
    const Json& body, const scanner::AutoScanConfig& current, store::TimeMs now);

}  // namespace dcs::rest
