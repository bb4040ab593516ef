// Scan: a client's walk over all keys, `count` keys per call, reading every value. One iteration is
// one walk. Keys come in hash order, so their records are scattered.
#include <cstddef>
#include <cstdint>
#include <memory>

#include "bench/contestants.h"
#include "bench/fill.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

void Scan(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(1));
  const std::unique_ptr<KeyspaceContestant> contestant = Filled<KeyspaceContestant>(state.range(0));
  size_t seen = 0;
  for (auto _ : state) {
    uint64_t cursor = 0;
    do {
      cursor = contestant->keyspace().Scan(cursor, count, kNow, [&](const store::Entry& entry) {
        LookAt(entry.string);
        ++seen;
      });
    } while (cursor != 0);
  }
  if (seen != static_cast<size_t>(state.iterations() * state.range(0))) {
    state.SkipWithError("a walk saw other keys than were set");
  }
  state.counters["keys_seen"] =
      benchmark::Counter(static_cast<double>(seen), benchmark::Counter::kIsRate);
}

}  // namespace

void RegisterScan() {
  for (const int64_t keys : KeyspaceContestant::kSizes) {
    for (const int64_t count : {10, 1'000}) {
      benchmark::RegisterBenchmark("Scan/keyspace", Scan)
          ->ArgNames({"keys", "count"})
          ->Args({keys, count})
          ->Iterations(3)
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace dcs::bench
