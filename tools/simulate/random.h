// Random numbers of a simulation, identical on every compiler and library.
//
// SplitMix64 needs no warm-up, so each key has its own generator, seeded by its identity. A key's
// size and deadline do not depend on earlier draws, and every policy gets the same load without
// storing it.
//
// Thread safety: one thread per object.
#pragma once

#include <cstdint>
#include <limits>

namespace dcs::simulate {

// Mixes `z` into a well distributed number: the output step of SplitMix64.
constexpr uint64_t Mix(uint64_t z) {
  z += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// Derives the seed of item `which` from a shared seed.
constexpr uint64_t Mix(uint64_t seed, uint64_t which) { return Mix(Mix(seed) ^ which); }

// A uniform random bit generator for the distributions of Boost.Random.
class Random {
 public:
  using result_type = uint64_t;
  static constexpr uint64_t min() { return 0; }
  static constexpr uint64_t max() { return std::numeric_limits<uint64_t>::max(); }

  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t operator()() {
    const uint64_t drawn = Mix(state_);
    state_ += 0x9E3779B97F4A7C15u;
    return drawn;
  }
  // 0 to below 1, in steps of 2^-53.
  double Unit() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }
  // 0 to n - 1. REQUIRES: n is 1 to 2^53. Some values are likelier than others by n / 2^53.
  uint64_t Below(uint64_t n) {
    const auto drawn = static_cast<uint64_t>(Unit() * static_cast<double>(n));
    return drawn < n ? drawn : n - 1;
  }

 private:
  uint64_t state_;
};

}  // namespace dcs::simulate
