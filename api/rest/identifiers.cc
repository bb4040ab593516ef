#include "api/rest/identifiers.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>

#include "api/rest/hex.h"

namespace dcs::rest {

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !IsHexDigit(text[i])) return false;
  }
  return true;
}

bool IsProjectId(std::string_view text) {
  return IsUuid(text) || (text.size() == 32 && std::all_of(text.begin(), text.end(), IsHexDigit));
}

std::string NewRequestId() {
  // IDs must be unique, not secret.
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  const uint64_t random[2] = {generator(), generator()};
  char bytes[sizeof(random)];
  std::memcpy(bytes, random, sizeof(random));
  return ToHex({bytes, sizeof(bytes)});
}

}  // namespace dcs::rest
