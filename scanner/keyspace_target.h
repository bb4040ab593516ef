// A scan over a keyspace in this process.
#pragma once

#include "scanner/scan_target.h"
#include "store/keyspace.h"

namespace dcs::scanner {

// Thread safety: one thread at a time; the keyspace may be in use by others meanwhile.
class KeyspaceTarget final : public ScanTarget {
 public:
  // Both must outlive it.
  KeyspaceTarget(store::Keyspace& keyspace, const store::Clock& clock)
      : keyspace_(keyspace), clock_(clock) {}

  StepResult Step(size_t keys) override;
  StepResult Whole(size_t threads, PartRunner run) override;
  size_t SizeEstimate() const override { return keyspace_.size(); }

 private:
  store::Keyspace& keyspace_;
  const store::Clock& clock_;
  store::SweepCursor cursor_;
};

}  // namespace dcs::scanner
