#include "tools/simulate/distribution.h"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <limits>
#include <vector>

namespace dcs::simulate {
namespace {

double Cut(double value, const Bounds& bounds) {
  return std::clamp(value, bounds.least, bounds.most);
}

double StandardNormal(Random& random) {
  return boost::random::normal_distribution<double>()(random);
}

double Sample(const Constant& constant, Random&) { return constant.value; }
double Sample(const Uniform& uniform, Random& random) {
  return uniform.from + (uniform.to - uniform.from) * random.Unit();
}
double Sample(const Normal& normal, Random& random) {
  return Cut(normal.mean + normal.deviation * StandardNormal(random), normal.bounds);
}
double Sample(const Lognormal& lognormal, Random& random) {
  return Cut(lognormal.median * std::exp(lognormal.sigma * StandardNormal(random)),
             lognormal.bounds);
}
double Sample(const Exponential& exponential, Random& random) {
  return Cut(boost::random::exponential_distribution<double>(1 / exponential.mean)(random),
             exponential.bounds);
}

double WeightSum(const Choice& choice) {
  double sum = 0;
  for (const Choice::Option& option : choice.options) sum += option.weight;
  return sum;
}

double Sample(const Choice& choice, Random& random) {
  double left = random.Unit() * WeightSum(choice);
  for (const Choice::Option& option : choice.options) {
    if (left < option.weight) return option.value;
    left -= option.weight;
  }
  return choice.options.back().value;
}

// ---- Moments ------------------------------------------------------------------------------------

struct Moments {
  double mean = 0, variance = 0;
};

constexpr double kSqrt2 = 1.4142135623730951;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The density of the standard normal distribution, and its probability of [from, to].
double Density(double z) { return std::isinf(z) ? 0 : std::exp(-z * z / 2) / 2.5066282746310002; }
double Probability(double from, double to) {
  // Uses the nearer tail, because the difference of two values near 1 would cancel.
  if (from > 0) return (std::erfc(from / kSqrt2) - std::erfc(to / kSqrt2)) / 2;
  return (std::erfc(-to / kSqrt2) - std::erfc(-from / kSqrt2)) / 2;
}

// No variable within [least, most] has a larger variance than (most - mean) * (mean - least).
// Bounds the rounding error that a difference of large moments leaves.
double Bounded(double variance, double mean, const Bounds& bounds) {
  const double most = (bounds.most - mean) * (mean - bounds.least);
  return std::clamp(variance, 0.0, std::max(most, 0.0));
}

Moments MomentsOf(const Constant& constant) { return {constant.value, 0}; }
Moments MomentsOf(const Uniform& uniform) {
  const double width = uniform.to - uniform.from;
  return {uniform.from + width / 2, width * width / 12};
}
Moments MomentsOf(const Normal& normal) {
  const Bounds& bounds = normal.bounds;
  const double sigma = normal.deviation;
  // Distances from `center` stay small, so that their squares do not cancel.
  const double center = Cut(normal.mean, bounds);
  if (sigma == 0) return {center, 0};
  const double from = (bounds.least - normal.mean) / sigma;
  const double to = (bounds.most - normal.mean) / sigma;
  const double below = Probability(-kInfinity, from), above = Probability(to, kInfinity);
  const double inside = Probability(from, to);
  const double offset = normal.mean - center;
  const double drift = Density(from) - Density(to);
  const auto edge = [](double z) { return std::isinf(z) ? 0 : z * Density(z); };
  const double least = bounds.least - center;
  // Without an upper bound nothing is above it; infinity times zero would be NaN.
  const double most = above == 0 ? 0 : bounds.most - center;
  const double mean = least * below + most * above + offset * inside + sigma * drift;
  const double square = least * least * below + most * most * above + offset * offset * inside +
                        2 * offset * sigma * drift +
                        sigma * sigma * (inside + edge(from) - edge(to));
  // Nearly all draws are at one of the bounds: the largest possible variance, within a thousandth.
  const bool two_points = sigma > 1e3 * (bounds.most - bounds.least);
  const double at = Cut(center + mean, bounds);
  return {at, Bounded(two_points ? kInfinity : square - mean * mean, at, bounds)};
}
Moments MomentsOf(const Lognormal& lognormal) {
  const Bounds& bounds = lognormal.bounds;
  const double sigma = lognormal.sigma;
  if (sigma == 0) return {Cut(lognormal.median, bounds), 0};
  const double from = std::log(bounds.least / lognormal.median) / sigma;
  const double to = std::log(bounds.most / lognormal.median) / sigma;
  const double below = Probability(-kInfinity, from), above = Probability(to, kInfinity);
  // The part of the k-th moment within the bounds.
  const auto inside = [&](double k) {
    return std::pow(lognormal.median, k) * std::exp(k * k * sigma * sigma / 2) *
           Probability(from - k * sigma, to - k * sigma);
  };
  const double least = bounds.least;
  const double most = above == 0 ? 0 : bounds.most;
  const double mean = Cut(least * below + most * above + inside(1), bounds);
  const double square = least * least * below + most * most * above + inside(2);
  return {mean, Bounded(square - mean * mean, mean, bounds)};
}
Moments MomentsOf(const Exponential& exponential) {
  const Bounds& bounds = exponential.bounds;
  // Above `least` it is exponential again, cut to `width`.
  const double reaches = std::exp(-bounds.least / exponential.mean);
  const double width = (bounds.most - bounds.least) / exponential.mean;
  const double mean = reaches * -std::expm1(-width);
  // 1 - (1 + w) / e^w, by its series if the terms would cancel.
  const double half_square = width < 1e-3  ? width * width * (0.5 - width / 3)
                             : width > 700 ? 1
                                           : 1 - (1 + width) * std::exp(-width);
  const double unit = exponential.mean;
  const double at = Cut(bounds.least + unit * mean, bounds);
  return {at, Bounded(unit * unit * (2 * reaches * half_square - mean * mean), at, bounds)};
}
Moments MomentsOf(const Choice& choice) {
  const double weights = WeightSum(choice);
  Moments moments;
  for (const Choice::Option& option : choice.options) {
    moments.mean += option.value * (option.weight / weights);
  }
  for (const Choice::Option& option : choice.options) {
    const double off = option.value - moments.mean;
    moments.variance += off * off * (option.weight / weights);
  }
  return moments;
}

// ---- Bounds -------------------------------------------------------------------------------------

double MostOf(const Constant& constant) { return constant.value; }
double MostOf(const Uniform& uniform) { return uniform.to; }
double MostOf(const Normal& normal) { return normal.bounds.most; }
double MostOf(const Lognormal& lognormal) { return lognormal.bounds.most; }
double MostOf(const Exponential& exponential) { return exponential.bounds.most; }
double MostOf(const Choice& choice) {
  double most = 0;
  for (const Choice::Option& option : choice.options) most = std::max(most, option.value);
  return most;
}

// The standard normal value that is exceeded with probability `chance`.
double NormalExceededBy(double chance) { return kSqrt2 * boost::math::erfc_inv(2 * chance); }

double ExceededByOf(const Constant& constant, double) { return constant.value; }
double ExceededByOf(const Uniform& uniform, double chance) {
  return uniform.to - (uniform.to - uniform.from) * chance;
}
double ExceededByOf(const Normal& normal, double chance) {
  return Cut(normal.mean + normal.deviation * NormalExceededBy(chance), normal.bounds);
}
double ExceededByOf(const Lognormal& lognormal, double chance) {
  return Cut(lognormal.median * std::exp(lognormal.sigma * NormalExceededBy(chance)),
             lognormal.bounds);
}
double ExceededByOf(const Exponential& exponential, double chance) {
  return Cut(-exponential.mean * std::log(chance), exponential.bounds);
}
double ExceededByOf(const Choice& choice, double chance) {
  // Drops the largest values that are too rare to count.
  std::vector<Choice::Option> options = choice.options;
  std::sort(options.begin(), options.end(),
            [](const auto& a, const auto& b) { return a.value > b.value; });
  double left = chance * WeightSum(choice);
  for (const Choice::Option& option : options) {
    left -= option.weight;
    if (left < 0) return option.value;
  }
  return options.back().value;
}

Bounds AtLeastOf(const Bounds& bounds, double least) {
  return {std::max(bounds.least, least), std::max(bounds.most, least)};
}
Distribution AtLeastOf(Constant constant, double least) {
  return Constant{std::max(constant.value, least)};
}
// Larger than max(): the draws below `least` are spread over the whole range.
Distribution AtLeastOf(Uniform uniform, double least) {
  return Uniform{std::max(uniform.from, least), std::max(uniform.to, least)};
}
Distribution AtLeastOf(Choice choice, double least) {
  for (Choice::Option& option : choice.options) option.value = std::max(option.value, least);
  return choice;
}
Distribution AtLeastOf(auto bounded, double least) {
  bounded.bounds = AtLeastOf(bounded.bounds, least);
  return bounded;
}

}  // namespace

double Draw(const Distribution& distribution, Random& random) {
  return std::visit([&](const auto& kind) { return Sample(kind, random); }, distribution);
}

double Mean(const Distribution& distribution) {
  return std::visit([](const auto& kind) { return MomentsOf(kind).mean; }, distribution);
}

double Deviation(const Distribution& distribution) {
  return std::sqrt(
      std::visit([](const auto& kind) { return MomentsOf(kind).variance; }, distribution));
}

double Most(const Distribution& distribution) {
  return std::visit([](const auto& kind) { return MostOf(kind); }, distribution);
}

double ExceededBy(const Distribution& distribution, double chance) {
  return std::visit([&](const auto& kind) { return ExceededByOf(kind, chance); }, distribution);
}

Distribution AtLeast(const Distribution& distribution, double least) {
  return std::visit([&](const auto& kind) { return AtLeastOf(kind, least); }, distribution);
}

}  // namespace dcs::simulate
