// Keys, values and random choices: the same for every contestant, and cheap, so that what is timed
// is the store. Making a key costs a few ns; the figures include it.
//
// Thread safety: a Random or EveryKeyOnce belongs to one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string_view>

namespace dcs::bench {

inline constexpr size_t kKeyBytes = 16;
inline constexpr size_t kValueBytes = 32;
inline constexpr std::string_view kValue = "a value of thirty-two characters";
static_assert(kValue.size() == kValueBytes);

// splitmix64's finalizer: one to one, so that distinct numbers make distinct keys.
constexpr uint64_t Scramble(uint64_t number) {
  number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
  number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
  return number ^ (number >> 31);
}

// Some number below `limit` that depends on `bits` alone. REQUIRES: limit < 2^32.
constexpr uint64_t Below(uint64_t limit, uint64_t bits) { return (bits >> 32) * limit >> 32; }

class Random {
 public:
  explicit Random(uint64_t seed) : state_(Scramble(seed)) {}
  uint64_t Next() { return Scramble(state_ += 0x9E3779B97F4A7C15); }
  uint64_t Below(uint64_t limit) { return bench::Below(limit, Next()); }

 private:
  uint64_t state_;
};

// The numbers below `count` in an order that jumps far, each once a round.
class EveryKeyOnce {
 public:
  explicit EveryKeyOnce(uint64_t count) : count_(count), stride_(count * 618 / 1000 | 1) {
    while (std::gcd(stride_, count_) != 1) ++stride_;
  }
  uint64_t Next() {
    at_ += stride_;
    if (at_ >= count_) at_ -= count_;
    return at_;
  }

 private:
  const uint64_t count_;
  uint64_t stride_;  // below count_ and coprime to it; 1 where count_ is 1
  uint64_t at_ = 0;
};

// The text of key number `number`: 16 hexadecimal digits of the scrambled number.
class Key {
 public:
  Key() = default;
  explicit Key(uint64_t number) {
    const uint64_t bits = Scramble(number);
    for (size_t byte = 0; byte < kKeyBytes / 2; ++byte) {
      std::memcpy(text_ + 2 * byte, &kDigits[2 * (bits >> 8 * byte & 0xFF)], 2);
    }
  }
  std::string_view text() const { return {text_, kKeyBytes}; }

 private:
  static constexpr std::array<char, 512> kDigits = [] {
    std::array<char, 512> digits{};
    for (size_t byte = 0; byte < 256; ++byte) {
      digits[2 * byte] = "0123456789abcdef"[byte >> 4];
      digits[2 * byte + 1] = "0123456789abcdef"[byte & 15];
    }
    return digits;
  }();

  char text_[kKeyBytes];
};

}  // namespace dcs::bench
