// One element of a collection as a caller reads it: a text, or an integer that stands for its decimal text.
//
// Packed buffers store integers in binary. A reader gets the integer itself, and formats it only if it needs
// the text. Reading allocates nothing.
#pragma once

#include <array>
#include <cassert>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "store/values/integer.h"

namespace dcs::store {

// A text to search for, with its integer parsed once.
struct Needle {
  explicit Needle(std::string_view of_text) : text(of_text), integer(ParseInteger(of_text)) {}

  std::string_view text;
  std::optional<int64_t> integer;
};

// 16 bytes, passed by value. The text is a view: it lives as long as the owner says.
class TextOrInteger {
 public:
  // Room for any int64 in decimal: "-9223372036854775808" has 20 characters.
  using Digits = std::array<char, 20>;

  explicit TextOrInteger(std::string_view text) : text_(text.data()), size_(text.size()) {
    if (text_ == nullptr) text_ = "";
  }
  explicit TextOrInteger(int64_t integer) : integer_(integer) {}

  // False for a text that looks like an integer but is stored as text.
  bool is_integer() const { return text_ == nullptr; }
  // REQUIRES: is_integer().
  int64_t integer() const {
    assert(is_integer());
    return integer_;
  }

  // The text. An integer is formatted into `digits`, and the view then points there.
  std::string_view Text(Digits& digits) const {
    if (!is_integer()) return {text_, size_};
    const char* const end =
        std::to_chars(digits.data(), digits.data() + digits.size(), integer_).ptr;
    return {digits.data(), static_cast<size_t>(end - digits.data())};
  }
  // Length of the text.
  size_t size() const {
    Digits digits;
    return Text(digits).size();
  }

  bool Is(const Needle& needle) const {
    if (is_integer()) return needle.integer == integer_;
    return std::string_view(text_, size_) == needle.text;
  }
  friend bool operator==(TextOrInteger element, std::string_view text) {
    return element.Is(Needle(text));
  }

 private:
  const char* text_ = nullptr;  // nullptr: it is an integer
  union {
    size_t size_;
    int64_t integer_;
  };
};
static_assert(sizeof(TextOrInteger) == 16);

}  // namespace dcs::store
