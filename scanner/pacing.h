// How fast a scan goes. DCS's runs one step every 5 ms, and a step looks at so many keys.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dcs::scanner {

enum class ScanMode : uint8_t {
  kPaced,  // a step each interval
  kFast,   // the whole keyspace in the first step, as fast as the machine allows
};

// Source: DCS user guide, "Scanning and Deleting Expired Keys"; a manual scan uses these defaults.
struct Pacing {
  int64_t step_interval_ms = 5;
  int64_t keys_per_step = 100;
  int64_t timeout_ms = int64_t{360} * 60 * 1000;
  ScanMode mode = ScanMode::kPaced;
};

// Keeps a scan at its average in spite of steps that must end on a group's border: what one step
// looked at beyond its share, later ones leave out.
class PaceKeeper {
 public:
  explicit PaceKeeper(const Pacing& pacing) : keys_per_step_(pacing.keys_per_step) {}

  // Keys to look at in the step that is due now; 0 where earlier steps have taken its share.
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
