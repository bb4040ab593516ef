// Lazy free: deletes one hash of many fields, synchronously (DEL) and by the background thread
// (UNLINK).
//
// Time is that of the delete alone. background_us is the time from then until all fields are
// destroyed and their memory is returned to the system; returned_MiB is the fall of the resident
// size.
#include <cstdint>
#include <string>

#include "bench/contestants.h"
#include "bench/keys.h"
#include "bench/resident.h"
#include "bench/stopwatch.h"
#include "bench/subjects.h"
#include "store/values/hash_value.h"

namespace dcs::bench {
namespace {

bool MakeHash(store::Keyspace& keyspace, const HashedKey& key, int64_t fields) {
  store::Transaction txn(keyspace, kNow, key);
  const absl::StatusOr<store::HashValue*> hash = txn.FindOrMake<store::HashValue>(key);
  if (!hash.ok()) return false;
  for (int64_t field = 0; field < fields; ++field) {
    (*hash)->Set(Key(static_cast<uint64_t>(field)).text(), kValue);
  }
  return true;
}

void Delete(benchmark::State& state, store::FreeMode mode) {
  KeyspaceContestant contestant;
  store::Keyspace& keyspace = contestant.keyspace();
  const HashedKey key = keyspace.Hash("big");
  double background_seconds = 0, returned_bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();  // corrects the CPU column
    if (!MakeHash(keyspace, key, state.range(0))) {
      state.SkipWithError("no memory for the hash");
      break;
    }
    const size_t before_bytes = ResidentBytes();
    state.ResumeTiming();
    const Stopwatch unlinking;
    store::Transaction(keyspace, kNow, key).Erase(key, mode);
    state.SetIterationTime(unlinking.Seconds());
    state.PauseTiming();
    const Stopwatch destroying;
    keyspace.lazy_free().Drain();
    background_seconds += destroying.Seconds();
    returned_bytes += static_cast<double>(before_bytes) - static_cast<double>(ResidentBytes());
    state.ResumeTiming();
  }
  const auto mean = [](double sum) {
    return benchmark::Counter(sum, benchmark::Counter::kAvgIterations);
  };
  state.counters["background_us"] = mean(1e6 * background_seconds);
  state.counters["returned_MiB"] = mean(returned_bytes / kMiB);
}

}  // namespace

void RegisterLazyFree() {
  struct Mode {
    const char* name;
    store::FreeMode mode;
  };
  for (const Mode& how :
       {Mode{"now", store::FreeMode::kNow}, Mode{"lazy", store::FreeMode::kLazy}}) {
    for (const int64_t fields : {64, 1'000, 100'000, 1'000'000}) {
      benchmark::RegisterBenchmark(
          (std::string("LazyFree/keyspace/") + how.name).c_str(),
          [mode = how.mode](benchmark::State& state) { Delete(state, mode); })
          ->ArgName("fields")
          ->Arg(fields)
          ->Iterations(fields >= 1'000'000 ? 2
                       : fields >= 100'000 ? 5
                                           : 1'000)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
}

}  // namespace dcs::bench
