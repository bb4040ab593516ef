// A keyspace in this process as the target of a scan or of a fast sweep.
#pragma once

#include "scanner/fast_sweep.h"
#include "scanner/scan_target.h"
#include "store/keyspace.h"

namespace dcs::scanner {

// Thread safety: one thread at a time. Other threads may use the keyspace during a step.
class KeyspaceTarget final : public ScanTarget, public FastSweepTarget {
 public:
  // `keyspace` and `clock` must outlive the target.
  KeyspaceTarget(store::Keyspace& keyspace, const store::Clock& clock)
      : keyspace_(keyspace), clock_(clock) {}

  // Calls `done` before it returns. Never fails.
  void Step(size_t keys, StepDone done) override { done(StepNow(keys)); }
  // Same as Step, but returns its result.
  StepResult StepNow(size_t keys);
  // Does not affect the walk made by Step.
  StepResult FastSweep(size_t threads, PartRunner run) override;
  size_t SizeEstimate() const override { return keyspace_.size(); }

 private:
  store::Keyspace& keyspace_;
  const store::Clock& clock_;
  store::SweepCursor cursor_;
};

}  // namespace dcs::scanner
