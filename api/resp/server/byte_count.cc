#include "api/resp/server/byte_count.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>

#include "api/resp/protocol/to_absl.h"

namespace dcs::resp {
namespace {

struct Unit {
  std::string_view name;
  uint64_t bytes;
};
constexpr std::array<Unit, 8> kUnits = {{{"", 1},
                                         {"b", 1},
                                         {"k", 1000},
                                         {"kb", uint64_t{1} << 10},
                                         {"m", 1'000'000},
                                         {"mb", uint64_t{1} << 20},
                                         {"g", 1'000'000'000},
                                         {"gb", uint64_t{1} << 30}}};
constexpr size_t kMostDigits = 127;

}  // namespace

std::optional<uint64_t> ParseBytes(std::string_view text) {
  text = text.substr(0, text.find('\0'));
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& candidate) {
    return IsWord(text.substr(digits), candidate.name);
  });
  if (unit == kUnits.end() || digits > kMostDigits) return std::nullopt;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error == std::errc::result_out_of_range) number = std::numeric_limits<uint64_t>::max();
  return number * unit->bytes;
}

}  // namespace dcs::resp
