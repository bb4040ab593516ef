// Conversion between bytes and hex digits.
//
// Thread safety: free functions without state. Cost: O(length).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dcs::rest {

bool IsHexDigit(char c);

// Two lower-case digits per byte.
std::string ToHex(std::string_view bytes);

// Digits of either case; nullopt if the length is odd or another character occurs.
std::optional<std::string> FromHex(std::string_view digits);

}  // namespace dcs::rest
