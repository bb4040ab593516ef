// Byte counts as CONFIG SET takes them: "100", "100b", "1k" = 1000, "1kb" = 1024, likewise m, mb,
// g, gb.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dcs::resp {

// Returns nothing if `text` is no byte count. As in Redis, no digits are 0, the text ends at a NUL,
// digits beyond 2^64 are 2^64 - 1, and the product with the unit wraps. Thread-safe, without
// allocation.
std::optional<uint64_t> ParseBytes(std::string_view text);

}  // namespace dcs::resp
