#include "api/resp/commands/glob.h"

#include <cctype>
#include <cstddef>
#include <utility>

namespace dcs::resp {
namespace {

int Lower(char c) { return std::tolower(static_cast<unsigned char>(c)); }

bool SameByte(char a, char b, Case letters) {
  return letters == Case::kIgnored ? Lower(a) == Lower(b) : a == b;
}

// Bytes compare as signed chars, as in Redis on x86: [a-\xff] is the range from \xff to a.
bool InRange(char first, char last, char c, Case letters) {
  int low = static_cast<signed char>(first);
  int high = static_cast<signed char>(last);
  int value = static_cast<signed char>(c);
  if (low > high) std::swap(low, high);
  if (letters == Case::kIgnored) {
    low = Lower(static_cast<char>(low));
    high = Lower(static_cast<char>(high));
    value = Lower(static_cast<char>(value));
  }
  return low <= value && value <= high;
}

// What one element of a pattern (a byte, '?', a bracket) says to one byte of text.
struct ElementResult {
  bool matched;
  size_t next;  // where the pattern goes on
};

// REQUIRES: pattern[at] == '['.
ElementResult MatchBracket(std::string_view pattern, size_t at, char c, Case letters) {
  ++at;
  const bool negated = at < pattern.size() && pattern[at] == '^';
  if (negated) ++at;
  bool found = false;
  while (at < pattern.size() && pattern[at] != ']') {
    const size_t left = pattern.size() - at;
    if (pattern[at] == '\\' && left >= 2) {
      found |= pattern[at + 1] == c;
      at += 2;
    } else if (left >= 3 && pattern[at + 1] == '-') {
      found |= InRange(pattern[at], pattern[at + 2], c, letters);
      at += 3;
    } else {
      found |= SameByte(pattern[at], c, letters);
      ++at;
    }
  }
  if (at < pattern.size()) ++at;
  return {found != negated, at};
}

// REQUIRES: at < pattern.size() and pattern[at] is not '*'.
ElementResult MatchElement(std::string_view pattern, size_t at, char c, Case letters) {
  switch (pattern[at]) {
    case '?':
      return {true, at + 1};
    case '[':
      return MatchBracket(pattern, at, c, letters);
    case '\\':
      if (at + 1 < pattern.size()) ++at;
      [[fallthrough]];
    default:
      return {SameByte(pattern[at], c, letters), at + 1};
  }
}

}  // namespace

bool GlobMatch(std::string_view pattern, std::string_view text, Case letters) {
  // Redis never gets to look at the pattern here: not even "*" matches an empty text.
  if (text.empty()) return pattern.empty();

  constexpr size_t kNoStar = std::string_view::npos;
  size_t after_star = kNoStar;  // in the pattern, behind the last star met
  size_t star_takes_to = 0;     // in the text, the end of what that star stands for
  size_t at = 0;
  size_t position = 0;
  while (position < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      after_star = ++at;
      star_takes_to = position;
      continue;
    }
    if (at < pattern.size()) {
      const ElementResult element = MatchElement(pattern, at, text[position], letters);
      if (element.matched) {
        at = element.next;
        ++position;
        continue;
      }
    }
    if (after_star == kNoStar) return false;
    at = after_star;
    position = ++star_takes_to;
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace dcs::resp
