// What an expired key scan walks over.
#pragma once

#include <cstddef>

#include "absl/functional/function_ref.h"

namespace dcs::scanner {

struct StepResult {
  size_t visited = 0;         // keys looked at
  size_t released = 0;        // expired keys found and released
  size_t released_bytes = 0;  // what they held
  bool done = false;          // the whole keyspace has been walked
};

// Calls `part` once, on the thread on which it is called itself: so a caller can see what each
// thread of a walk spends.
using PartRunner = absl::FunctionRef<void(absl::FunctionRef<void()> part)>;

// One walk over one keyspace, from its start. Thread safety: one thread at a time.
class ScanTarget {
 public:
  virtual ~ScanTarget() = default;
  // Looks at about `keys` keys (the next whole group's worth; `visited` says how many) and releases
  // the expired ones. REQUIRES: the last result was not `done`.
  virtual StepResult Step(size_t keys) = 0;
  // ScanMode::kFast: a whole walk in one go, wherever Step stands, on `threads` threads, of which
  // the calling one is the first. The parts are handed to `run`, which may be called on several
  // threads at once. Returns when all is done.
  virtual StepResult Whole(size_t threads, PartRunner run) = 0;
  // How many keys there are to walk over, as far as known now.
  virtual size_t SizeEstimate() const = 0;
};

}  // namespace dcs::scanner
