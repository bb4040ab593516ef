#include "scanner/keyspace_target.h"

#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace dcs::scanner {
namespace {

StepResult ToStepResult(const store::SweepResult& swept) {
  return {swept.visited, swept.released, swept.released_bytes, swept.done};
}

}  // namespace

StepResult KeyspaceTarget::StepNow(size_t keys) {
  return ToStepResult(keyspace_.Sweep(cursor_, keys, clock_.Now()));
}

StepResult KeyspaceTarget::FastSweep(size_t threads, PartRunner run) {
  const store::TimeMs now = clock_.Now();
  std::vector<store::SweepResult> parts(threads);
  const auto sweep = [&](size_t part) {
    run([&] { parts[part] = keyspace_.FastSweep(now, part, threads); });
  };
  std::vector<std::thread> others;
  others.reserve(threads);
  try {
    for (size_t part = 1; part < threads; ++part) others.emplace_back(sweep, part);
  } catch (const std::system_error&) {
    // The system gives no more threads: the calling thread sweeps the remaining parts.
  } catch (const std::bad_alloc&) {
    // No memory for a thread's state: the calling thread sweeps the remaining parts.
  }
  sweep(0);
  for (size_t part = others.size() + 1; part < threads; ++part) sweep(part);
  for (std::thread& other : others) other.join();

  StepResult sum;
  for (const store::SweepResult& part : parts) {
    sum.visited += part.visited;
    sum.released += part.released;
    sum.released_bytes += part.released_bytes;
  }
  sum.done = true;
  return sum;
}

}  // namespace dcs::scanner
