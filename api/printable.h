// Text of unknown origin, made safe for a terminal or a log.
//
// Thread safety: free function without state. Cost: O(limit).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dcs::api {

// `text` with its control characters, and bytes that are not UTF-8, written as \x1b. Characters
// that change the direction of a line count as control characters. If `text` is longer than `limit`
// bytes, the rest is replaced by "...".
std::string Printable(std::string_view text, size_t limit = 256);

}  // namespace dcs::api
