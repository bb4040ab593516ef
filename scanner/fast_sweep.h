// The fast sweep: releases every expired key of a keyspace without pauses, on threads that the
// caller gives, and measures the time it took. A scan (scan_service.h) does the same in paced steps.
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

// Calls `part` once, on the thread on which it is called itself. So the caller of a sweep can
// measure what each of its threads spends.
using PartRunner = absl::FunctionRef<void(absl::FunctionRef<void()> part)>;

// A keyspace that can be swept at once. Only keyspaces in this process can: a remote server is
// scanned in steps.
class FastSweepTarget {
 public:
  virtual ~FastSweepTarget() = default;
  // Walks over the whole keyspace on `threads` threads, the first of which is the caller's. Passes
  // the part of each thread to `run`, which may be called on several threads at once. Returns at the
  // end of the walk; `done` is true.
  virtual StepResult FastSweep(size_t threads, PartRunner run) = 0;
};

// The clocks that time a sweep, in nanoseconds from any start. Called from any thread. By default
// everything takes no time.
struct SweepMeter {
  std::function<int64_t()> real_ns = [] { return int64_t{0}; };        // must not go backwards
  std::function<int64_t()> thread_cpu_ns = [] { return int64_t{0}; };  // the calling thread's
};

struct FastSweepResult {
  StepResult found;
  double seconds = 0;      // from start to end
  double cpu_seconds = 0;  // of all parts that the target has passed to its PartRunner
};

// Thread safety: as the target's; calls `meter` from the target's threads.
FastSweepResult RunFastSweep(FastSweepTarget& target, size_t threads, const SweepMeter& meter);

}  // namespace dcs::scanner
