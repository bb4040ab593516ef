// The durations of shard lock holds in all operations: filling, reads, overwrites that make waste
// and cause evacuation, scans, paced and fast sweeps.
//
// A hold lasts until its thread is done, so it includes everything that keeps the thread from
// running: interrupts and, on a virtual machine, the hypervisor, which the system's own counters do
// not show. Two methods separate the store's share from the machine's:
// - The same run is repeated five times. The store does the same work under the n-th lock each
//   time; the machine interrupts at other moments. So the shortest duration of the n-th hold is the
//   store's, except by chance.
// - A control: for as long as locks were held in one of the runs, a loop without store and lock
//   makes rounds of a few random writes to as much memory, timed in the same way. Its long rounds
//   are the machine's.
//
// Counters for the holds of one run, as each_time_... for the shortest of five, and as machine_...
// for the control's rounds: the longest, and the numbers longer than 32, 65, 100 and 131 us. For
// the holds of one run also their number and total duration. The histograms go to standard error.
// The store's first touches of memory are part of its holds; the control's are not measured.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "bench/contestants.h"
#include "bench/fill.h"
#include "bench/hold_times.h"
#include "bench/keys.h"
#include "bench/resident.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

constexpr TimeMs kSoon = 60'000;

// A third never expires, a third soon, a third later, so every phase has work.
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
  // Half a paced sweep, then a fast sweep of the rest.
  store::SweepCursor sweep;
  for (size_t visited = 0; visited < keyspace.size() / 2;) {
    visited += keyspace.Sweep(sweep, 1000, kNow + kSoon + 1).visited;
  }
  keyspace.FastSweep(kNow + kSoon + 1);
  keyspace.FastSweep(kNow + kLongTtl + 1);
}

// The control: rounds of four random writes to `bytes` of memory, for `ns`.
HoldTimes TimeTheMachine(size_t bytes, uint64_t ns) {
  using Clock = std::chrono::steady_clock;
  HoldTimes rounds;
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

constexpr int kRuns = 5;

struct Run {
  HoldTimes held;
  size_t bytes = 0;  // that the keyspace had at its largest
  uint64_t evacuated = 0;
};

Run DoAll(uint64_t keys) {
  HoldTimer timer;
  KeyspaceContestant contestant(store::KeyspaceOptions().waste_limit, &timer);
  store::Keyspace& keyspace = contestant.keyspace();
  Fill(contestant, 0, keys, DeadlineOf, /*threads=*/1);
  Overwrite(contestant, keys);
  const size_t bytes = keyspace.Memory().resident();
  Walk(keyspace);
  return {timer.times(), bytes, keyspace.Counters().evacuated_records};
}

// The holds that were long in all runs, as long as the shortest.
HoldTimes EachTime(absl::Span<const Run> runs) {
  std::unordered_map<uint64_t, uint64_t> shortest;
  for (const auto& [number, ns] : runs[0].held.long_holds) shortest[number] = ns;
  for (const Run& run : runs.subspan(1)) {
    std::unordered_map<uint64_t, uint64_t> in_both;
    for (const auto& [number, ns] : run.held.long_holds) {
      const auto before = shortest.find(number);
      if (before != shortest.end()) in_both[number] = std::min(ns, before->second);
    }
    shortest = std::move(in_both);
  }
  HoldTimes each_time;
  for (const auto& [number, ns] : shortest) each_time.Add(ns);
  return each_time;
}

double LongerThan(const HoldTimes& times, uint64_t us) {
  return static_cast<double>(std::count_if(times.long_holds.begin(), times.long_holds.end(),
                                           [us](const auto& hold) { return hold.ns > us * 1000; }));
}

void Print(const HoldTimes& held, const HoldTimes& each_time, const HoldTimes& machine) {
  std::fprintf(stderr, "  %12s %14s %14s %14s\n", "below us", "locks held", "each time", "control");
  for (size_t i = 0; i < held.holds.size(); ++i) {
    if (held.holds[i] + machine.holds[i] == 0) continue;
    const bool is_long = uint64_t{1} << i > HoldTimes::kLongNs;
    std::fprintf(stderr, "  %12.3f %14llu %14s %14llu\n",
                 static_cast<double>(uint64_t{1} << i) / 1000,
                 static_cast<unsigned long long>(held.holds[i]),
                 is_long ? std::to_string(each_time.holds[i]).c_str() : "",
                 static_cast<unsigned long long>(machine.holds[i]));
  }
}

void LockHolds(benchmark::State& state) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    std::vector<Run> runs;
    for (int i = 0; i < kRuns; ++i) runs.push_back(DoAll(keys));
    state.PauseTiming();
    const Run& run = runs[0];
    for (const Run& other : runs) {
      if (other.held.count != run.held.count || other.evacuated != run.evacuated) {
        state.SkipWithError("the runs have not done the same");
      }
    }
    const HoldTimes each_time = EachTime(runs);
    const HoldTimes machine = TimeTheMachine(run.bytes, run.held.total_ns);
    state.ResumeTiming();
    if (machine.total_ns == 0) state.SkipWithError("no memory for the control");
    Print(run.held, each_time, machine);
    const auto report = [&](const std::string& of, const HoldTimes& times) {
      state.counters[of + "longest_us"] = static_cast<double>(times.longest_ns) / 1000;
      for (const uint64_t us : {32, 65, 100, 131}) {
        state.counters[of + "over_" + std::to_string(us) + "us"] = LongerThan(times, us);
      }
    };
    report("", run.held);
    report("each_time_", each_time);
    report("machine_", machine);
    state.counters["holds"] = static_cast<double>(run.held.count);
    state.counters["held_s"] = static_cast<double>(run.held.total_ns) * 1e-9;
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
