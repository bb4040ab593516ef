// Evacuation: half of the keys are deleted in an order that leaves every chunk sparse, so that
// writers must move the other half's records together. A variant has no waste limit.
//
// Time is that of one delete, including its share of the evacuation. Counters at the end: dead_% of
// the log, and records copied per delete. Sweep/keyspace/class_unknown shows evacuation by a sweep.
#include <cstdint>

#include "bench/contestants.h"
#include "bench/fill.h"
#include "bench/keys.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

void Delete(benchmark::State& state) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  KeyspaceContestant contestant(static_cast<double>(state.range(1)) / 100);
  Fill(contestant, 0, keys, [](uint64_t) { return kNow + kLongTtl; });
  store::Keyspace& keyspace = contestant.keyspace();
  EveryKeyOnce order(keys);
  size_t deleted = 0;
  for (auto _ : state) {
    const Key key(order.Next());
    deleted += keyspace.Erase(key.text(), kNow);
  }
  if (keyspace.size() + deleted != keys || deleted != static_cast<size_t>(state.iterations())) {
    state.SkipWithError("a key that was set is not found");
  }
  const store::MemoryUse memory = keyspace.Memory();
  state.counters["dead_%"] = 100.0 - 100.0 * static_cast<double>(memory.live_log_bytes) /
                                         static_cast<double>(memory.log_bytes);
  state.counters["copied"] =
      benchmark::Counter(static_cast<double>(keyspace.Counters().evacuated_records),
                         benchmark::Counter::kAvgIterations);
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

void RegisterEvacuation() {
  for (const int64_t keys : KeyspaceContestant::kSizes) {
    for (const int64_t waste_limit_percent : {18, 100}) {
      benchmark::RegisterBenchmark("Evacuation/keyspace/delete_half", Delete)
          ->ArgNames({"keys", "waste_limit_percent"})
          ->Args({keys, waste_limit_percent})
          ->Iterations(keys / 2)
          ->UseRealTime();
    }
  }
}

}  // namespace dcs::bench
