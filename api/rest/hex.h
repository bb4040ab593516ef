// Bytes as hex digits and back.
//
// Thread safety: free functions without state. Cost: O(length).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dcs::rest {

bool IsHexDigit(char c);

// Two lower-case digits a byte.
std::string ToHex(std::string_view bytes);

// Digits of either case; nullopt where the length is odd or something else stands among them.
std::optional<std::string> FromHex(std::string_view digits);

}  // namespace dcs::rest
