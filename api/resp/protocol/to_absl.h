// The border to Abseil's strings, which Debian builds with a string_view of their own.
#pragma once

#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace dcs::resp {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

// Whether a client's word is this keyword, in any case.
inline bool IsWord(std::string_view given, std::string_view word) {
  return given.size() == word.size() && absl::EqualsIgnoreCase(ToAbsl(given), ToAbsl(word));
}

}  // namespace dcs::resp
