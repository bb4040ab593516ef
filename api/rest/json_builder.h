// Parses an untrusted text into a JSON value, within limits on depth and number of values.
//
//   const JsonLimits limits{.depth = 32, .values = 10'000};
//   ParsedJson parsed = ParseJson(text, limits);
//   if (!parsed.json) return error;   // not JSON, or over a limit
//
// The limits are checked during parsing, before a value is built. The text after a value over the
// limit is not read.
//
// nlohmann's own builders have quadratic cost on such texts: with a callback, the end of every
// array and object walks its parent, and an object compares each name with all earlier ones.
//
// Thread safety: free functions without state. Cost: linear in the text; memory: the text's length
// plus about 100 bytes for each value.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "api/rest/json.h"

namespace dcs::rest {

struct JsonLimits {
  size_t depth;   // nested arrays and objects, including the outermost one
  size_t values;  // numbers, texts, arrays, objects, true, false and null
};

// The result of a parse.
struct ParsedJson {
  std::optional<Json> json;  // nullopt: not JSON, or over a limit
  size_t values = 0;         // values begun, including the one over the limit
};

// If several members have the same name, the last value counts, at the first one's position. Throws
// only std::bad_alloc.
ParsedJson ParseJson(std::string_view text, const JsonLimits& limits);

}  // namespace dcs::rest
