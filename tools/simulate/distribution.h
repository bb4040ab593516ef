// How a number varies from key to key: sizes, counts, lifetimes.
//
//   Distribution size = Uniform{10, 100};
//   Draw(size, random);   // 10 to 100
//   Mean(size);           // 55
//
// Thread safety: constants once made.
#pragma once

#include <limits>
#include <variant>
#include <vector>

#include "tools/simulate/random.h"

namespace dcs::simulate {

// What a draw is cut to.
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
  double median = 1, sigma = 1;  // sigma: the deviation of the logarithm
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
  std::vector<Option> options;  // at least one; the weights' sum is positive
};

using Distribution = std::variant<Constant, Uniform, Normal, Lognormal, Exponential, Choice>;

double Draw(const Distribution& distribution, Random& random);
// The expected value, bounds left out of the reckoning except that it is cut to them.
double Mean(const Distribution& distribution);
// The largest value that can be drawn.
double Most(const Distribution& distribution);

}  // namespace dcs::simulate
