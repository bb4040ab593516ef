// Strings that are integers, as Redis recognises them.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dcs::store {

// The value of a canonical decimal int64: no leading '+', zeros or spaces, and no "-0". nullopt for any
// other text. O(length), no allocation.
inline std::optional<int64_t> ParseInteger(std::string_view text) {
  if (text == "0") return 0;
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || digits.front() < '1' || digits.front() > '9') return std::nullopt;
  int64_t value;
  const char* end = text.data() + text.size();
  const auto [stopped_at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped_at != end) return std::nullopt;
  return value;
}

}  // namespace dcs::store
