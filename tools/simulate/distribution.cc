#include "tools/simulate/distribution.h"

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/normal_distribution.hpp>
#include <cmath>

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

double MeanOf(const Constant& constant) { return constant.value; }
double MeanOf(const Uniform& uniform) { return (uniform.from + uniform.to) / 2; }
double MeanOf(const Normal& normal) { return Cut(normal.mean, normal.bounds); }
double MeanOf(const Lognormal& lognormal) {
  return Cut(lognormal.median * std::exp(lognormal.sigma * lognormal.sigma / 2), lognormal.bounds);
}
double MeanOf(const Exponential& exponential) { return Cut(exponential.mean, exponential.bounds); }
double MeanOf(const Choice& choice) {
  double sum = 0;
  for (const Choice::Option& option : choice.options) sum += option.value * option.weight;
  return sum / WeightSum(choice);
}

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

}  // namespace

double Draw(const Distribution& distribution, Random& random) {
  return std::visit([&](const auto& kind) { return Sample(kind, random); }, distribution);
}

double Mean(const Distribution& distribution) {
  return std::visit([](const auto& kind) { return MeanOf(kind); }, distribution);
}

double Most(const Distribution& distribution) {
  return std::visit([](const auto& kind) { return MostOf(kind); }, distribution);
}

}  // namespace dcs::simulate
