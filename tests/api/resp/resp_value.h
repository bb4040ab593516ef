// Replies read back: for tests that look inside them.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcs::resp {

struct RespValue {
  char type = 0;  // '+', '-', ':', '$', '*', '%', '~', '_', '=', ',', '#'
  bool null = false;
  std::string text;                 // of all that has no elements
  std::vector<RespValue> elements;  // keys and values alternate in a map

  bool operator==(const RespValue&) const = default;
};

// Reads one reply from the front of `bytes` and removes it; nullopt where it is not complete yet.
inline std::optional<RespValue> TakeReply(std::string_view& bytes) {
  const std::string_view before = bytes;
  const size_t end = bytes.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  RespValue value;
  value.type = bytes[0];
  const std::string line(bytes.substr(1, end - 1));
  bytes.remove_prefix(end + 2);
  if (value.type == '$' || value.type == '=') {
    const long length = std::stol(line);
    if (length < 0) {
      value.null = true;
      return value;
    }
    const size_t size = static_cast<size_t>(length);
    if (bytes.size() < size + 2) {
      bytes = before;
      return std::nullopt;
    }
    value.text = bytes.substr(0, size);
    bytes.remove_prefix(size + 2);
    return value;
  }
  if (value.type != '*' && value.type != '%' && value.type != '~') {
    value.text = line;
    value.null = value.type == '_';
    return value;
  }
  long count = std::stol(line);
  value.null = count < 0;
  if (value.type == '%') count *= 2;
  for (; count > 0; --count) {
    std::optional<RespValue> element = TakeReply(bytes);
    if (!element) {
      bytes = before;
      return std::nullopt;
    }
    value.elements.push_back(*std::move(element));
  }
  return value;
}

// REQUIRES: `bytes` is exactly one reply (an empty value otherwise).
inline RespValue ParseReply(std::string_view bytes) {
  std::optional<RespValue> value = TakeReply(bytes);
  return value && bytes.empty() ? *value : RespValue();
}

}  // namespace dcs::resp
