// Random ranks with Zipf's distribution: rank k is drawn with probability proportional to 1 / k^s.
//
// Rejection-inversion (W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from
// monotone discrete distributions", 1996): expected O(1) per draw and no memory per rank, so the
// number of ranks may grow between draws. Abseil's zipf_distribution requires s > 1; caches have
// smaller s.
//
// Thread safety: immutable.
#pragma once

#include <cstdint>

#include "tools/simulate/random.h"

namespace dcs::simulate {

class Zipf {
 public:
  // REQUIRES: exponent > 0.
  explicit Zipf(double exponent);
  // 0 (the most popular) to ranks - 1. REQUIRES: ranks > 0.
  uint64_t Draw(uint64_t ranks, Random& random) const;

 private:
  // The integral of 1 / x^s, and its inverse.
  double Integral(double x) const;
  double InverseIntegral(double y) const;
  double Weight(double x) const;

  const double exponent_;
  const double first_;  // start of the first rank's share of the integral
  const double sure_;   // a draw this close above a rank is always accepted
};

}  // namespace dcs::simulate
