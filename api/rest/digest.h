// SHA-256, its HMAC, and comparing secrets.
//
// Thread safety: free functions without state. Cost: O(length).
#pragma once

#include <string>
#include <string_view>

namespace dcs::rest {

// 32 bytes each.
std::string Sha256(std::string_view text);
std::string HmacSha256(std::string_view key, std::string_view text);

// In a time that depends on the lengths alone: for digests, whose length is no secret.
bool SameBytes(std::string_view a, std::string_view b);

// In a time that depends on neither: compares the texts' digests.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace dcs::rest
