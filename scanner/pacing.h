// The pace of a scan: the number of keys per step and the interval between steps.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dcs::scanner {

// Source: DCS user guide, "Scanning and Deleting Expired Keys"; a manual scan uses these defaults.
struct Pacing {
  int64_t step_interval_ms = 5;
  int64_t keys_per_step = 100;
  int64_t timeout_ms = int64_t{360} * 60 * 1000;
};

// The budget of each step. Steps look at whole groups of keys, so a step may exceed its budget;
// later budgets shrink by the excess, and the scan keeps its average.
// Thread safety: none.
class PaceKeeper {
 public:
  explicit PaceKeeper(const Pacing& pacing) : keys_per_step_(pacing.keys_per_step) {}

  // Keys to look at in the step that is due now; 0 if earlier steps have used its budget.
  size_t NextBudget() {
    credit_ += keys_per_step_;
    return credit_ > 0 ? static_cast<size_t>(credit_) : 0;
  }
  void Spend(size_t visited) { credit_ -= static_cast<int64_t>(visited); }

 private:
  const int64_t keys_per_step_;
  int64_t credit_ = 0;
};

}  // namespace dcs::scanner
