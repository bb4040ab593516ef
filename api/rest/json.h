// JSON as every answer of the API is written: members in the order in which they were put in.
//
// Thread safety: free functions without state.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace dcs::rest {

using Json = nlohmann::ordered_json;

inline constexpr std::string_view kJsonContentType = "application/json;charset=UTF-8";

// Compact. Bytes that are not UTF-8 (a client's, quoted in a message) become U+FFFD instead of
// failing.
inline std::string Serialize(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace dcs::rest
