// The machine's limit: reads the coarse deadlines of a table of N keys once and does nothing else.
// Compare with Sweep/keyspace/classes_known/keys:N/expired_permille:1.
//
// The deadlines lie in one array on huge pages, as many as a keyspace filled with N keys has slots,
// including empty ones. They are rewritten before each read, like those of the sweep.
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>

#include "absl/types/span.h"
#include "bench/contestants.h"
#include "bench/fill.h"
#include "bench/keys.h"
#include "bench/stopwatch.h"
#include "bench/subjects.h"
#include "store/index/slot_block.h"

namespace dcs::bench {
namespace {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
using DeadlineArray = std::unique_ptr<uint32_t, Free>;

DeadlineArray OnHugePages(size_t slots) {
  constexpr size_t kHugePage = size_t{2} << 20;
  const size_t bytes = store::RoundUp(slots * sizeof(uint32_t), kHugePage);
  void* memory = std::aligned_alloc(kHugePage, bytes);
  if (memory != nullptr) madvise(memory, bytes, MADV_HUGEPAGE);
  return DeadlineArray(static_cast<uint32_t*>(memory));
}

size_t SlotsOf(int64_t keys) {
  const size_t index_bytes = Filled<KeyspaceContestant>(keys)->keyspace().Memory().index_bytes;
  return index_bytes / sizeof(store::SlotBlock) * store::kBlockSlots;
}

uint32_t Earliest(absl::Span<const uint32_t> deadlines) {
  uint32_t earliest = std::numeric_limits<uint32_t>::max();
  for (const uint32_t deadline : deadlines) earliest = std::min(earliest, deadline);
  return earliest;
}

void PlainRead(benchmark::State& state) {
  const size_t slots = SlotsOf(state.range(0));
  const DeadlineArray array = OnHugePages(slots);
  if (array == nullptr) return state.SkipWithError("no memory");
  const absl::Span<uint32_t> deadlines(array.get(), slots);
  Random random(0);
  for (auto _ : state) {
    state.PauseTiming();  // corrects the CPU column
    for (uint32_t& deadline : deadlines) deadline = static_cast<uint32_t>(random.Next());
    state.ResumeTiming();
    const Stopwatch stopwatch;
    benchmark::DoNotOptimize(Earliest(deadlines));
    state.SetIterationTime(stopwatch.Seconds());
  }
  state.counters["keys_passed"] = benchmark::Counter(
      static_cast<double>(state.iterations() * state.range(0)), benchmark::Counter::kIsRate);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(slots * sizeof(uint32_t)));
}

}  // namespace

void RegisterPlainRead() {
  for (const int64_t keys : KeyspaceContestant::kSizes) {
    benchmark::RegisterBenchmark("PlainRead/deadlines", PlainRead)
        ->ArgName("keys")
        ->Arg(keys)
        ->Iterations(20)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

}  // namespace dcs::bench
