// The time formats of the API and of signatures, always UTC.
//
// Thread safety: free functions without state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/time/clock.h"

namespace dcs::rest {

// "2020-06-15T02:21:18.669Z": always three digits of milliseconds, because clients compare times as
// text. Times outside the years 0 to 9999 are clamped.
std::string FormatTime(store::TimeMs time);

// Same without "Z": the form of first_scan_at.
std::string FormatTimeWithoutZone(store::TimeMs time);

// Parses "2023-07-07T15:00:05.000". The fraction is optional (1 to 9 digits, cut to three), and so
// is a suffix "Z", "z" or "+00:00". nullopt for anything else and for dates and times that do not
// exist.
std::optional<store::TimeMs> ParseUtcTime(std::string_view text);

// "20200615T022118Z", the form of X-Sdk-Date; milliseconds are dropped.
std::string FormatBasicTime(store::TimeMs time);

// The reverse; nullopt if `text` does not have exactly that form or names no real date and time.
std::optional<store::TimeMs> ParseBasicTime(std::string_view text);

// "Mon, 15 Jun 2020 02:21:18 GMT": an HTTP date (RFC 9110, 5.6.7); milliseconds are dropped.
std::string FormatHttpDate(store::TimeMs time);

}  // namespace dcs::rest
