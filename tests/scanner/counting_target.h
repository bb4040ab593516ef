// A scan target without keys, for tests of scan timing.
#pragma once

#include <algorithm>
#include <cstddef>

#include "scanner/scan_target.h"

namespace dcs::scanner {

// Simulates a keyspace of a given size. Each step looks at exactly the requested number of keys;
// every tenth key is expired.
class CountingTarget final : public ScanTarget {
 public:
  explicit CountingTarget(size_t keys) : left_(keys), keys_(keys) {}
  void Step(size_t keys, StepDone done) override {
    StepResult result;
    result.visited = std::min(keys, left_);
    const size_t before = (keys_ - left_) / 10;
    left_ -= result.visited;
    result.released = (keys_ - left_) / 10 - before;
    result.released_bytes = result.released * 50;
    result.done = left_ == 0;
    done(result);
  }
  size_t SizeEstimate() const override { return keys_; }

 private:
  size_t left_;
  const size_t keys_;
};

}  // namespace dcs::scanner
