// The distribution of a number over the keys: sizes, counts, lifetimes.
//
//   Distribution size = Uniform{10, 100};
//   Draw(size, random);   // 10 to 100
//   Mean(size);           // 55
//
// Thread safety: immutable.
#pragma once

#include <limits>
#include <variant>
#include <vector>

#include "tools/simulate/random.h"

namespace dcs::simulate {

// The bounds to which draws are cut.
struct Bounds {
  double least = 0;
  double most = std::numeric_limits<double>::infinity();
};

struct Constant {
  double value = 0;
};
struct Uniform {
  double from = 0, to = 0;
};
struct Normal {
  double mean = 0, deviation = 0;
  Bounds bounds;
};
struct Lognormal {
  double median = 1, sigma = 1;  // sigma: standard deviation of the logarithm
  Bounds bounds;
};
struct Exponential {
  double mean = 1;
  Bounds bounds;
};
struct Choice {
  struct Option {
    double value = 0, weight = 1;
  };
  std::vector<Option> options;  // at least one; the sum of the weights is positive
};

using Distribution = std::variant<Constant, Uniform, Normal, Lognormal, Exponential, Choice>;

double Draw(const Distribution& distribution, Random& random);
// The expected value of a draw cut to its bounds. Exact; O(1), O(options) for a choice.
double Mean(const Distribution& distribution);
// The standard deviation of a draw cut to its bounds. At most rounding below the true one.
double Deviation(const Distribution& distribution);
// The largest possible draw.
double Most(const Distribution& distribution);
// A value that a draw exceeds with a probability of at most `chance`; at most Most().
// REQUIRES: 0 < chance < 1.
double ExceededBy(const Distribution& distribution, double chance);
// max(draw, least), or a distribution whose every quantile is at least as large.
Distribution AtLeast(const Distribution& distribution, double least);

}  // namespace dcs::simulate
