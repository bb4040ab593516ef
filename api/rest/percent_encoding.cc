#include "api/rest/percent_encoding.h"

#include "api/rest/hex.h"

namespace dcs::rest {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 0xF]};
    }
  }
  return encoded;
}

std::optional<std::string> PercentDecode(std::string_view text, Plus plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const auto byte = FromHex(text.substr(i + 1, 2));
      if (!byte || byte->size() != 1) return std::nullopt;
      decoded += *byte;
      i += 2;
    } else {
      decoded += text[i] == '+' && plus == Plus::kIsSpace ? ' ' : text[i];
    }
  }
  return decoded;
}

}  // namespace dcs::rest
