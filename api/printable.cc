#include "api/printable.h"

#include <algorithm>
#include <cstdint>

namespace dcs::api {
namespace {

// The bytes of the UTF-8 character at the start of `text`; 0 if there is none. Follows RFC 3629: no
// overlong forms, no surrogates, nothing above U+10FFFF.
size_t CharacterLength(std::string_view text, uint32_t& character) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  const size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || length > text.size()) return 0;
  constexpr uint32_t kFirstBits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  character = first & kFirstBits[length];
  for (size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
    character = character << 6 | (at(i) & 0x3fu);
  }
  const bool surrogate = character >= 0xd800 && character < 0xe000;
  return character < kSmallest[length] || surrogate || character > 0x10ffff ? 0 : length;
}

bool IsControl(uint32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0) ||  // C0, DEL, C1
         (character >= 0x200e && character <= 0x200f) ||                 // marks of direction
         (character >= 0x2028 && character <= 0x202e) ||                 // line ends, directions
         (character >= 0x2066 && character <= 0x2069);                   // isolated directions
}

}  // namespace

std::string Printable(std::string_view text, size_t limit) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string printable;
  size_t at = 0;
  while (at < text.size()) {
    uint32_t character = 0;
    const size_t length = CharacterLength(text.substr(at), character);
    const size_t taken = std::max<size_t>(length, 1);
    if (at + taken > limit) {
      printable += "...";
      break;
    }
    for (const char byte : text.substr(at, taken)) {
      if (length > 0 && !IsControl(character)) {
        printable += byte;
      } else {
        const auto value = static_cast<unsigned char>(byte);
        printable.append("\\x").append({kHex[value >> 4], kHex[value & 15]});
      }
    }
    at += taken;
  }
  return printable;
}

}  // namespace dcs::api
