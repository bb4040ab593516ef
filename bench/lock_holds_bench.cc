// How long a shard's lock is held, whatever is done: filling, reads, overwrites that make waste and
// have it evacuated, scans, paced and fast sweeps. Counters: the longest hold, and how many were
// longer than 8, 32, 64 and 128 us; the whole histogram goes to standard error.
//
// A hold lasts until its thread is done, so what interrupts the thread counts too: on a machine that
// others use, the longest hold is theirs. Compare the counts, and runs.
#include <cstdint>
#include <cstdio>
#include <memory>

#include "bench/contestants.h"
#include "bench/fill.h"
#include "bench/keys.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

constexpr TimeMs kSoon = 60'000;

// A third never expires, a third soon, a third later: every phase has something to do.
TimeMs DeadlineOf(uint64_t number) {
  if (number % 3 == 0) return kNoDeadline;
  return kNow + (number % 3 == 1 ? kSoon : kLongTtl);
}

void Overwrite(KeyspaceContestant& contestant, uint64_t keys) {
  static const std::string kBytes(500, 'v');
  Random random(1);
  for (uint64_t i = 0; i < keys; ++i) {
    const Key key(random.Below(keys));
    const HashedKey hashed = contestant.Hash(key.text());
    if (i % 4 == 0) benchmark::DoNotOptimize(contestant.Get(hashed, kNow));
    const size_t bytes = 10 + random.Below(60);
    contestant.Set(hashed, std::string_view(kBytes).substr(0, bytes), DeadlineOf(i), kNow);
  }
}

void Walk(store::Keyspace& keyspace) {
  uint64_t cursor = 0;
  do {
    cursor = keyspace.Scan(cursor, 1000, kNow, [](const store::Entry& entry) {
      benchmark::DoNotOptimize(entry.string.data());
    });
  } while (cursor != 0);
  benchmark::DoNotOptimize(keyspace.TakeCensus(kNow + kSoon + 1));
  // Half a paced sweep, then a fast one for the rest.
  store::SweepCursor sweep;
  for (size_t visited = 0; visited < keyspace.size() / 2;) {
    visited += keyspace.Sweep(sweep, 1000, kNow + kSoon + 1).visited;
  }
  keyspace.FastSweep(kNow + kSoon + 1);
  keyspace.FastSweep(kNow + kLongTtl + 1);
}

void Print(const store::HoldTimes& holds) {
  for (size_t i = 0; i < holds.holds.size(); ++i) {
    if (holds.holds[i] == 0) continue;
    std::fprintf(stderr, "  held below %9.3f us: %llu times\n",
                 static_cast<double>(uint64_t{1} << i) / 1000,
                 static_cast<unsigned long long>(holds.holds[i]));
  }
  std::fprintf(stderr, "  longest %.3f us\n", static_cast<double>(holds.longest_ns) / 1000);
}

void LockHolds(benchmark::State& state) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    KeyspaceContestant contestant(store::KeyspaceOptions().waste_limit, /*measure_holds=*/true);
    Fill(contestant, 0, keys, DeadlineOf, /*threads=*/1);
    Overwrite(contestant, keys);
    Walk(contestant.keyspace());
    const store::HoldTimes holds = contestant.keyspace().LockHolds();
    Print(holds);
    state.counters["longest_us"] = static_cast<double>(holds.longest_ns) / 1000;
    // holds[i] is of [2^(i-1), 2^i) ns.
    double longer = 0;
    for (size_t i = holds.holds.size(); i-- > 0;) {
      longer += static_cast<double>(holds.holds[i]);
      if (i == 18) state.counters["over_131us"] = longer;
      if (i == 17) state.counters["over_65us"] = longer;
      if (i == 16) state.counters["over_32us"] = longer;
      if (i == 14) state.counters["over_8us"] = longer;
      if (i == 0) state.counters["holds"] = longer;
    }
  }
}

}  // namespace

void RegisterLockHolds() {
  for (const int64_t keys : KeyspaceContestant::kSizes) {
    benchmark::RegisterBenchmark("LockHolds/keyspace", LockHolds)
        ->ArgName("keys")
        ->Arg(keys)
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
}

}  // namespace dcs::bench
