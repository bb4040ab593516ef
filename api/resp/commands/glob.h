// Redis's glob-style patterns: KEYS, SCAN MATCH, CONFIG GET.
//
//   *  any bytes      ?  one byte      [a-z] [abc]  one of these      [^a]  none of these
//   \x  the byte x as such, also inside brackets
//
// An unclosed bracket closes at the end of the pattern; a range may be written backwards.
#pragma once

#include <string_view>

namespace dcs::resp {

enum class Case { kSensitive, kIgnored };

// Thread safety: a free function. O(pattern * text) time at worst, constant space, whatever the
// pattern: only the last '*' met is ever tried again.
bool GlobMatch(std::string_view pattern, std::string_view text, Case letters = Case::kSensitive);

}  // namespace dcs::resp
