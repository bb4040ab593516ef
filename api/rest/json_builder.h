// Builds a JSON value from a text of unknown origin, within limits on its depth and its number of
// values.
//
//   const JsonLimits limits{.depth = 32, .values = 10'000};
//   ParsedJson parsed = ParseJson(text, limits);
//   if (!parsed.json) return error;   // not JSON, or over a limit
//
// The limits are checked while the text is parsed, before a value is built. The text after the value
// that is over a limit is not looked at.
//
// nlohmann's own builders are not used for such texts: with a callback, the end of every array and
// object walks its parent, and an object finds each name by comparing it with all names before.
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
  size_t depth;   // arrays and objects inside one another, the outermost included
  size_t values;  // numbers, texts, arrays, objects, true, false and null
};

// What stopped a parser, or that nothing did.
struct ParsedJson {
  std::optional<Json> json;  // nullopt: not JSON, or over a limit
  size_t values = 0;         // values begun, the one over the limit included
};

// Of members with one name the last one counts, in the place of the first. Throws nothing but
// std::bad_alloc.
ParsedJson ParseJson(std::string_view text, const JsonLimits& limits);

}  // namespace dcs::rest
