// Ranks with Zipf's popularity: rank k is drawn in proportion to 1 / k^s.
//
// Rejection-inversion (W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from
// monotone discrete distributions", 1996): expected O(1) a draw, nothing kept a rank, so the number of
// ranks may grow from draw to draw. Abseil's zipf_distribution wants s above 1; caches see less.
//
// Thread safety: constant once made.
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
  const double first_;  // where the first rank's share of the integral begins
  const double sure_;   // this near above a rank, a draw is accepted without more ado
};

}  // namespace dcs::simulate
