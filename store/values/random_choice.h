// Uniform random numbers from a caller's source of random bits: how a collection chooses an element.
#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"

namespace dcs::store {

// Returns 64 new random bits at each call. The caller owns the generator, so that a run can be repeated.
using RandomBits = absl::FunctionRef<uint64_t()>;

// 0 to n - 1, each with exactly the same chance. REQUIRES: n > 0.
inline uint64_t UniformBelow(uint64_t n, RandomBits bits) {
  // Numbers below 2^64 mod n are drawn again: the others are a multiple of n.
  const uint64_t excess = -n % n;
  uint64_t drawn = bits();
  while (drawn < excess) drawn = bits();
  return drawn % n;
}

}  // namespace dcs::store
