// The target of an expired key scan: one walk over the keys of one node. The node is a keyspace in
// this process (keyspace_target.h) or a server that answers later.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"

namespace dcs::scanner {

struct StepResult {
  size_t visited = 0;         // keys looked at
  size_t released = 0;        // expired keys found and released
  size_t released_bytes = 0;  // records and values of the released keys
  bool done = false;          // the end of the keyspace was reached
};

// Thread safety: one thread, the scheduler's, which also runs all callbacks.
class ScanTarget {
 public:
  using StepDone = absl::AnyInvocable<void(absl::StatusOr<StepResult>)>;

  // Cancels the step under way: its callback is not called.
  virtual ~ScanTarget() = default;
  // Looks at about `keys` keys, in whole groups (`visited` holds the number), and releases the
  // expired ones. Then calls `done` once, before Step returns or later. An error ends the walk;
  // users read its message. A callback that runs after Step has returned may destroy the target, so
  // the target calls it last. REQUIRES: no step is under way, and the last step neither failed nor
  // reached the end.
  virtual void Step(size_t keys, StepDone done) = 0;
  // Estimated number of keys in the walk.
  virtual size_t SizeEstimate() const = 0;
};

// The targets of one scan, one per node.
using ScanTargets = std::vector<std::unique_ptr<ScanTarget>>;

inline ScanTargets OneTarget(std::unique_ptr<ScanTarget> target) {
  ScanTargets targets;
  targets.push_back(std::move(target));
  return targets;
}

}  // namespace dcs::scanner
