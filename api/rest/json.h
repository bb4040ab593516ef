// The JSON type of the API's requests and answers. Keeps members in insertion order.
//
// Only declared here: json.hpp is expensive to compile. A source file that builds or reads a value
// includes <nlohmann/json.hpp> itself.
// Thread safety: free functions without state.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace dcs::rest {

using Json = nlohmann::ordered_json;

inline constexpr std::string_view kJsonContentType = "application/json;charset=UTF-8";

// The compact text of `json`. Invalid UTF-8, for instance in a quoted client text, becomes U+FFFD.
std::string Serialize(const Json& json);

}  // namespace dcs::rest
