// The keys that an expired key scan walks over.
#pragma once

#include <cstddef>

namespace dcs::scanner {

struct StepResult {
  size_t visited = 0;         // keys looked at
  size_t released = 0;        // expired keys found and released
  size_t released_bytes = 0;  // records and values of those
  bool done = false;          // the end of the keyspace was reached
};

// One walk over one keyspace, from its start. Thread safety: one thread at a time.
class ScanTarget {
 public:
  virtual ~ScanTarget() = default;
  // Looks at about `keys` keys (the next whole group's worth; `visited` says how many) and releases
  // the expired ones. REQUIRES: the last result was not `done`.
  virtual StepResult Step(size_t keys) = 0;
  // How many keys there are to walk over, as far as known now.
  virtual size_t SizeEstimate() const = 0;
};

}  // namespace dcs::scanner
