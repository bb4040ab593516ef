// Keys, values and random choices: the same for every contestant, and cheap, so that the store
// dominates the time. Making a key costs a few ns, which the figures include.
//
// Thread safety: a Random or EveryKeyOnce belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

#include "hwy/highway.h"

namespace dcs::bench {

inline constexpr size_t kKeyBytes = 16;
inline constexpr size_t kValueBytes = 32;
inline constexpr std::string_view kValue = "a value of thirty-two characters";
static_assert(kValue.size() == kValueBytes);

// splitmix64's finalizer: a bijection, so distinct numbers give distinct keys.
constexpr uint64_t Scramble(uint64_t number) {
  number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
  number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
  return number ^ (number >> 31);
}

// A number below `limit` that depends only on `bits`. REQUIRES: limit < 2^32.
constexpr uint64_t Below(uint64_t limit, uint64_t bits) { return (bits >> 32) * limit >> 32; }

class Random {
 public:
  explicit Random(uint64_t seed) : state_(Scramble(seed)) {}
  uint64_t Next() { return Scramble(state_ += 0x9E3779B97F4A7C15); }
  uint64_t Below(uint64_t limit) { return bench::Below(limit, Next()); }

 private:
  uint64_t state_;
};

// The numbers below `count` in an order with long jumps, each once per round.
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
  uint64_t stride_;  // below count_ and coprime to it; 1 if count_ is 1
  uint64_t at_ = 0;
};

// The text of key `number`: 16 hexadecimal digits, first those of the lower halves of the scrambled
// number's bytes, then those of the upper halves. Made in vector registers and stored at once: a
// Get waits for memory twice, and the fewer instructions each Get takes, the more of them overlap.
class Key {
 public:
  Key() = default;
  explicit Key(uint64_t number) {
    namespace hn = hwy::HWY_NAMESPACE;
    const hn::FixedTag<uint64_t, 2> words;
    const hn::FixedTag<uint8_t, kKeyBytes> bytes;
    const uint64_t bits = Scramble(number);
    const auto both = hn::InterleaveLower(hn::Set(words, bits), hn::Set(words, bits >> 4));
    const auto nibbles = hn::And(hn::BitCast(bytes, both), hn::Set(bytes, uint8_t{0x0F}));
    const auto digits = hn::LoadDup128(bytes, reinterpret_cast<const uint8_t*>("0123456789abcdef"));
    hn::StoreU(hn::TableLookupBytes(digits, nibbles), bytes, reinterpret_cast<uint8_t*>(text_));
  }
  std::string_view text() const { return {text_, kKeyBytes}; }

 private:
  char text_[kKeyBytes];
};

}  // namespace dcs::bench
