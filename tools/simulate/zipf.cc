#include "tools/simulate/zipf.h"

#include <algorithm>
#include <cmath>

namespace dcs::simulate {
namespace {

// log(1 + x) / x and (e^x - 1) / x, accurate near 0, that is, for exponents near 1.
double LogRatio(double x) { return std::abs(x) > 1e-8 ? std::log1p(x) / x : 1 - x / 2; }
double ExpRatio(double x) { return std::abs(x) > 1e-8 ? std::expm1(x) / x : 1 + x / 2; }

}  // namespace

Zipf::Zipf(double exponent)
    : exponent_(exponent),
      first_(Integral(1.5) - 1),
      sure_(2 - InverseIntegral(Integral(2.5) - Weight(2))) {}

double Zipf::Integral(double x) const {
  const double log_x = std::log(x);
  return ExpRatio((1 - exponent_) * log_x) * log_x;
}

double Zipf::InverseIntegral(double y) const {
  // Rounding could move it below the pole.
  const double t = std::max(y * (1 - exponent_), -1.0);
  return std::exp(LogRatio(t) * y);
}

double Zipf::Weight(double x) const { return std::exp(-exponent_ * std::log(x)); }

uint64_t Zipf::Draw(uint64_t ranks, Random& random) const {
  const double last = Integral(static_cast<double>(ranks) + 0.5);
  while (true) {
    const double y = last + random.Unit() * (first_ - last);
    const double x = InverseIntegral(y);
    const double rank = std::clamp(std::floor(x + 0.5), 1.0, static_cast<double>(ranks));
    if (rank - x <= sure_ || y >= Integral(rank + 0.5) - Weight(rank)) {
      return static_cast<uint64_t>(rank) - 1;
    }
  }
}

}  // namespace dcs::simulate
