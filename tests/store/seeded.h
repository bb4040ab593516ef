// Random numbers for tests: one seed a run, printed, to be given back through DCS_TEST_SEED.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace dcs {

// SplitMix64: the same numbers on every compiler and library.
class SeededRandom {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  // 0 to n - 1.
  uint64_t Below(uint64_t n) { return Next() % n; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

 private:
  uint64_t state_;
};

inline uint64_t TestSeed(uint64_t fallback) {
  const char* given = std::getenv("DCS_TEST_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : fallback;
  std::printf("seed %llu (DCS_TEST_SEED sets it)\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace dcs
