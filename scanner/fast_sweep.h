// The fast sweep: releases every expired key of a keyspace without pauses, on threads provided by
// the caller, and measures its duration. A scan (scan_service.h) does the same in paced steps.
//
//   KeyspaceTarget target(keyspace, clock);
//   FastSweepResult swept = RunFastSweep(target, /*threads=*/2, meter);   // blocks until the end
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "absl/functional/function_ref.h"
#include "scanner/scan_target.h"

namespace dcs::scanner {

// Calls `part` once, on its own thread. Lets the caller of a sweep measure the cost of each thread.
using PartRunner = absl::FunctionRef<void(absl::FunctionRef<void()> part)>;

// A keyspace that can be swept at once. Only keyspaces in this process can: a remote server is
// scanned in steps.
class FastSweepTarget {
 public:
  virtual ~FastSweepTarget() = default;
  // Walks over the whole keyspace on `threads` threads; the first one is the caller's. Passes each
  // thread's part to `run`, possibly from several threads at once. Returns at the end of the walk
  // with `done` set.
  virtual StepResult FastSweep(size_t threads, PartRunner run) = 0;
};

// The clocks that time a sweep, in nanoseconds from any epoch. Called from any thread. The default
// clocks stand still.
struct SweepMeter {
  std::function<int64_t()> real_ns = [] { return int64_t{0}; };        // must not go backwards
  std::function<int64_t()> thread_cpu_ns = [] { return int64_t{0}; };  // the calling thread's
};

struct FastSweepResult {
  StepResult found;
  double seconds = 0;      // from start to end
  double cpu_seconds = 0;  // of all parts that the target has passed to its PartRunner
};

// Thread safety: that of the target. Calls `meter` from the target's threads.
FastSweepResult RunFastSweep(FastSweepTarget& target, size_t threads, const SweepMeter& meter);

}  // namespace dcs::scanner
