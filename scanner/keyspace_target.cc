#include "scanner/keyspace_target.h"

namespace dcs::scanner {

StepResult KeyspaceTarget::Step(size_t keys) {
  const store::SweepResult swept = keyspace_.Sweep(cursor_, keys, clock_.Now());
  return {swept.visited, swept.released, swept.released_bytes, swept.done};
}

}  // namespace dcs::scanner
