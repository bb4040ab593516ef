// The value of huge pages on this machine: random loads from a GiB, each dependent on the previous
// one, like a lookup's loads.
//
// With a processor's own page tables, huge pages save most of a load's address translation. A
// hypervisor that manages the page tables may map them by 4 KiB. Then both figures are equal, and
// huge pages give the store's lookups no advantage over a map's.
#include <cstdint>
#include <span>

#include "bench/keys.h"
#include "bench/resident.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

constexpr size_t kBytes = size_t{1} << 30;
constexpr size_t kWordsALine = 64 / sizeof(uint64_t);

void DependentRead(benchmark::State& state, Pages pages) {
  TouchedMemory memory(kBytes, pages);
  const std::span<uint64_t> words = memory.words();
  if (words.empty()) return state.SkipWithError("no memory");
  const size_t lines = words.size() / kWordsALine;
  for (size_t line = 0; line < lines; ++line) words[line * kWordsALine] = Scramble(line);
  uint64_t bits = 0, read = 0;
  for (auto _ : state) bits = words[Below(lines, bits + (++read << 32)) * kWordsALine];
  benchmark::DoNotOptimize(bits);
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

void RegisterPageRead() {
  for (const Pages pages : {Pages::kHuge, Pages::kSmall}) {
    benchmark::RegisterBenchmark(
        pages == Pages::kHuge ? "PageRead/huge_pages" : "PageRead/small_pages",
        [pages](benchmark::State& state) { DependentRead(state, pages); })
        ->Iterations(kOperations);
  }
}

}  // namespace dcs::bench
