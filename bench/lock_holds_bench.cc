// How long a shard's lock is held, whatever is done: filling, reads, overwrites that make waste and
// have it evacuated, scans, paced and fast sweeps.
//
// A hold lasts until its thread is done, so what keeps the thread from running counts too: interrupts,
// and on a virtual machine the hypervisor, which the system's own counters do not show. So there is
// a control: for as long as locks were held, a loop without store or lock does rounds of a few random
// writes to as much memory, timed in the same way. What it finds is the machine's. Neighbours come and
// go between the two: compare several runs.
//
// Counters, of the holds and, as machine_..., of the control's rounds: the longest, and how many were
// longer than 32, 65 and 131 us; of the holds also how many there were, how many were longer than 8 us, and
// how long they were together. Both histograms go to standard error. The store's first touches of memory
// are among its holds, the control's are not measured.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "bench/contestants.h"
#include "bench/fill.h"
#include "bench/keys.h"
#include "bench/resident.h"
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
    cursor =
        keyspace.Scan(cursor, 1000, kNow, [](const store::Entry& entry) { LookAt(entry.string); });
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

// The control: rounds of four random writes to `bytes` of memory, for `ns`.
store::HoldTimes TimeTheMachine(size_t bytes, uint64_t ns) {
  using Clock = std::chrono::steady_clock;
  store::HoldTimes rounds;
  TouchedMemory memory(bytes);
  if (memory.words().empty()) return rounds;
  Random random(1);
  while (rounds.total_ns < ns) {
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < 4; ++i) ++memory.words()[random.Below(memory.words().size())];
    rounds.Add(static_cast<uint64_t>((Clock::now() - start).count()));
  }
  return rounds;
}

// The first bucket that counts: bucket i is [2^(i-1), 2^i) ns.
constexpr size_t kOver8us = 14, kOver32us = 16, kOver65us = 17, kOver131us = 18;

double LongerThan(const store::HoldTimes& times, size_t from) {
  double longer = 0;
  for (size_t i = from; i < times.holds.size(); ++i) longer += static_cast<double>(times.holds[i]);
  return longer;
}

void Print(const store::HoldTimes& held, const store::HoldTimes& machine) {
  std::fprintf(stderr, "  %12s %14s %14s\n", "below us", "locks held", "control");
  for (size_t i = 0; i < held.holds.size(); ++i) {
    if (held.holds[i] + machine.holds[i] == 0) continue;
    std::fprintf(stderr, "  %12.3f %14llu %14llu\n", static_cast<double>(uint64_t{1} << i) / 1000,
                 static_cast<unsigned long long>(held.holds[i]),
                 static_cast<unsigned long long>(machine.holds[i]));
  }
}

void LockHolds(benchmark::State& state) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    store::HoldTimes held;
    size_t bytes = 0;
    {
      KeyspaceContestant contestant(store::KeyspaceOptions().waste_limit, /*measure_holds=*/true);
      Fill(contestant, 0, keys, DeadlineOf, /*threads=*/1);
      Overwrite(contestant, keys);
      bytes = contestant.keyspace().Memory().total();
      Walk(contestant.keyspace());
      held = contestant.keyspace().LockHolds();
    }
    state.PauseTiming();
    const store::HoldTimes machine = TimeTheMachine(bytes, held.total_ns);
    state.ResumeTiming();
    if (machine.total_ns == 0) state.SkipWithError("no memory for the control");
    Print(held, machine);
    const auto report = [&](const std::string& of, const store::HoldTimes& times) {
      state.counters[of + "longest_us"] = static_cast<double>(times.longest_ns) / 1000;
      state.counters[of + "over_131us"] = LongerThan(times, kOver131us);
      state.counters[of + "over_65us"] = LongerThan(times, kOver65us);
      state.counters[of + "over_32us"] = LongerThan(times, kOver32us);
    };
    report("", held);
    report("machine_", machine);
    state.counters["holds"] = LongerThan(held, 0);
    state.counters["over_8us"] = LongerThan(held, kOver8us);
    state.counters["held_s"] = static_cast<double>(held.total_ns) * 1e-9;
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
