// The text of INFO: "name:value" lines.
//
// Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "api/resp/protocol/to_absl.h"

namespace dcs::resp {

class InfoLines {
 public:
  template <typename T>
  void operator()(std::string_view name, const T& value) {
    absl::StrAppend(&text_, ToAbsl(name), ":", value, "\r\n");
  }
  void operator()(std::string_view name, std::string_view value) {
    absl::StrAppend(&text_, ToAbsl(name), ":", ToAbsl(value), "\r\n");
  }
  void operator()(std::string_view name, const char* value) {
    (*this)(name, std::string_view(value));
  }
  // A fraction with two digits.
  void Ratio(std::string_view name, double value) { (*this)(name, absl::StrFormat("%.2f", value)); }
  void Percent(std::string_view name, double share) {
    (*this)(name, absl::StrFormat("%.2f%%", share * 100));
  }
  // The value, and the same for people under "name_human".
  void Bytes(std::string_view name, uint64_t bytes) {
    (*this)(name, bytes);
    absl::StrAppend(&text_, ToAbsl(name), "_human:", Human(bytes), "\r\n");
  }
  // What this server does not do, and so has none of.
  void Zeros(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) (*this)(name, 0);
  }
  void Append(std::string_view text) { text_ += text; }
  std::string& text() { return text_; }

 private:
  static std::string Human(uint64_t bytes) {
    if (bytes < 1024) return absl::StrCat(bytes, "B");
    constexpr std::string_view kUnits = "KMGTP";
    double value = static_cast<double>(bytes) / 1024;
    size_t unit = 0;
    for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
    return absl::StrFormat("%.2f%c", value, kUnits[unit]);
  }

  std::string text_;
};

}  // namespace dcs::resp
