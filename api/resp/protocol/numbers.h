// Numbers as Redis reads and writes them, to the letter.
//
// Thread safety: free functions without state. No allocation but where a string is returned.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/values/integer.h"

namespace dcs::resp {

using store::ParseInteger;

// What strtold accepts as a whole, without leading space and without NaN ("inf" and hexadecimal are
// fine, overflow is not).
std::optional<long double> ParseFloat(std::string_view text);

// The decimal form of an integer, without allocation:  IntegerText(42).view()
class IntegerText {
 public:
  explicit IntegerText(int64_t value);
  std::string_view view() const { return {text_.data(), length_}; }

 private:
  std::array<char, 20> text_;  // "-9223372036854775808"
  size_t length_;
};

// Up to 17 digits after the point, trailing zeros removed: how INCRBYFLOAT writes its result.
// REQUIRES: `value` is finite.
std::string FormatFloat(long double value);

}  // namespace dcs::resp
