// Times as the API and the signature write them, always UTC.
//
// Thread safety: free functions without state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/clock.h"

namespace dcs::rest {

// "2020-06-15T02:21:18.669Z": the milliseconds are always three digits, since clients compare times
// as text. Times outside the years 0 to 9999 come out as the nearest one inside.
std::string FormatTime(store::TimeMs time);

// "20200615T022118Z", what X-Sdk-Date carries; milliseconds are dropped.
std::string FormatBasicTime(store::TimeMs time);

// The reverse; nullopt where `text` is not exactly that form or names no real date and time.
std::optional<store::TimeMs> ParseBasicTime(std::string_view text);

}  // namespace dcs::rest
