// Percent-encoding as URLs and the AK/SK signature use it (RFC 3986).
//
// Thread safety: free functions without state. Cost: O(length).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dcs::rest {

// Everything but letters, digits, '-', '.', '_' and '~' becomes %XX, in upper case.
std::string PercentEncode(std::string_view text);

// What '+' means: itself in a path, a space in a query (as form encoders, Go's among them, write
// it).
enum class Plus { kIsPlus, kIsSpace };

// Any byte may come out, NUL and '/' included. nullopt where a '%' has no two hex digits after it.
std::optional<std::string> PercentDecode(std::string_view text, Plus plus = Plus::kIsPlus);

}  // namespace dcs::rest
