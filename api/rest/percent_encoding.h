// Percent-encoding for URLs and the AK/SK signature (RFC 3986).
//
// Thread safety: free functions without state. Cost: O(length).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dcs::rest {

// Encodes all bytes except letters, digits, '-', '.', '_' and '~' as %XX in upper case.
std::string PercentEncode(std::string_view text);

// The meaning of '+': itself in a path, a space in a query (form encoders write it, including
// Go's).
enum class Plus { kIsPlus, kIsSpace };

// The result may hold any byte, including NUL and '/'. nullopt if two hex digits do not follow a
// '%'.
std::optional<std::string> PercentDecode(std::string_view text, Plus plus = Plus::kIsPlus);

}  // namespace dcs::rest
