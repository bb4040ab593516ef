// Census: an exact count of expired keys that are not released. It only reads, so one keyspace
// serves all iterations.
#include <string>

#include "bench/contestants.h"
#include "bench/deadline_mix.h"
#include "bench/fill.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

void TakeCensus(benchmark::State& state) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  const Deadlines deadlines(kClassesKnown, state.range(1));
  KeyspaceContestant contestant;
  Fill(contestant, 0, keys, deadlines);
  store::Census census;
  for (auto _ : state) census = contestant.keyspace().TakeCensus(kClassesKnown.SweepTime());
  if (census.keys != keys || census.expired_keys != deadlines.CountDying(keys)) {
    state.SkipWithError("the census counts other keys than were set");
  }
  state.counters["keys_passed"] = benchmark::Counter(
      static_cast<double>(state.iterations() * state.range(0)), benchmark::Counter::kIsRate);
}

}  // namespace

void RegisterCensus() {
  for (const int64_t keys : KeyspaceContestant::kSizes) {
    for (const int64_t permille : {0, 1, 330, 1'000}) {
      benchmark::RegisterBenchmark("Census/keyspace", TakeCensus)
          ->ArgNames({"keys", "expired_permille"})
          ->Args({keys, permille})
          ->Iterations(20)
          ->UseRealTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
}

}  // namespace dcs::bench
