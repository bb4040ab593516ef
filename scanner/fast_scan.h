// A scan without a pace, and what it took: ScanMode::kFast for callers that have a thread to give.
//
//   KeyspaceTarget target(keyspace, clock);
//   FastScanResult scan = RunFastScan(target, /*threads=*/2, meter);   // blocks until it has ended
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "scanner/scan_target.h"

namespace dcs::scanner {

// Where the times come from: clocks in the server, whatever a test says elsewhere. In nanoseconds
// from any start, called from any thread. Left as it is, everything takes no time.
struct ScanMeter {
  std::function<int64_t()> real_ns = [] { return int64_t{0}; };        // never goes backwards
  std::function<int64_t()> thread_cpu_ns = [] { return int64_t{0}; };  // the calling thread's
};

struct FastScanResult {
  StepResult found;
  double seconds = 0;      // from start to end
  double cpu_seconds = 0;  // of all parts that the target has handed to its PartRunner
};

// Walks over all of `target`. Thread safety: as the target's; the meter is only called.
FastScanResult RunFastScan(ScanTarget& target, size_t threads, const ScanMeter& meter);

}  // namespace dcs::scanner
