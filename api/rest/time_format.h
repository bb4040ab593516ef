// Times as the API and the signature write them, always UTC.
//
// Thread safety: free functions without state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/time/clock.h"

namespace dcs::rest {

// "2020-06-15T02:21:18.669Z": the milliseconds are always three digits, since clients compare times
// as text. Times outside the years 0 to 9999 come out as the nearest one inside.
std::string FormatTime(store::TimeMs time);

// The same without its "Z": how the API shows first_scan_at.
std::string FormatTimeWithoutZone(store::TimeMs time);

// "2023-07-07T15:00:05.000", with or without the fraction (1 to 9 digits, of which those after the
// third are dropped), with nothing, "Z", "z" or "+00:00" behind it; nullopt for anything else and
// for dates and times that do not exist.
std::optional<store::TimeMs> ParseUtcTime(std::string_view text);

// "20200615T022118Z", what X-Sdk-Date carries; milliseconds are dropped.
std::string FormatBasicTime(store::TimeMs time);

// The reverse; nullopt where `text` is not exactly that form or names no real date and time.
std::optional<store::TimeMs> ParseBasicTime(std::string_view text);

// "Mon, 15 Jun 2020 02:21:18 GMT": an HTTP date (RFC 9110, 5.6.7); milliseconds are dropped.
std::string FormatHttpDate(store::TimeMs time);

}  // namespace dcs::rest
