#include "scanner/fast_sweep.h"

#include <atomic>

namespace dcs::scanner {
namespace {

double Seconds(int64_t ns) { return static_cast<double>(ns) / 1e9; }

}  // namespace

FastSweepResult RunFastSweep(FastSweepTarget& target, size_t threads, const SweepMeter& meter) {
  std::atomic<int64_t> cpu_ns{0};
  const int64_t started_ns = meter.real_ns();
  const StepResult found = target.FastSweep(threads, [&](absl::FunctionRef<void()> part) {
    const int64_t before_ns = meter.thread_cpu_ns();
    part();
    cpu_ns += meter.thread_cpu_ns() - before_ns;
  });
  return {found, Seconds(meter.real_ns() - started_ns), Seconds(cpu_ns)};
}

}  // namespace dcs::scanner
