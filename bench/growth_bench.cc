// Growth: the cost of inserting while the number of keys doubles, in time and memory, and the
// longest time of a single insert that grows or splits a segment.
//
// Growth/...: from `keys` keys to twice as many. Time is that of one doubling. Counters:
//   beyond_mean_B, beyond_worst_B   resident bytes per key beyond key and value, sampled 32 times
//   counted_mean_B                  the same from the keyspace's own count
// InsertLatency/...: times every insert up to `keys` keys, including the clock reading (25 ns).
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/contestants.h"
#include "bench/fill.h"
#include "bench/keys.h"
#include "bench/resident.h"
#include "bench/side_by_side/statistics.h"
#include "bench/stopwatch.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

constexpr uint64_t kLooks = 32;

size_t CountedBytes(KeyspaceContestant& contestant) {
  return contestant.keyspace().Memory().resident();
}
template <typename Map>
size_t CountedBytes(LockedMap<Map>&) {
  return 0;  // unknown to a map
}

double BeyondKeyAndValue(size_t bytes, uint64_t keys) {
  return static_cast<double>(bytes) / static_cast<double>(keys) - kKeyBytes - kValueBytes;
}

template <typename Contestant>
void Growth(benchmark::State& state) {
  const auto before = static_cast<uint64_t>(state.range(0));
  const auto deadline = [](uint64_t) { return kNow + kLongTtl; };
  double resident_sum = 0, resident_worst = 0, counted_sum = 0, looks = 0;
  for (auto _ : state) {
    state.PauseTiming();  // corrects the CPU column
    WarmPages(2 * before * Contestant::kBytesAKey);
    const size_t empty_bytes = SettledResidentBytes();
    auto contestant = std::make_unique<Contestant>();
    // On one thread: malloc keeps an arena per thread, and a store of one arena need not pay for
    // more.
    Fill(*contestant, 0, before, deadline, 1);
    double seconds = 0;
    for (uint64_t look = 1, from = before; look <= kLooks; ++look) {
      const uint64_t to = before + before * look / kLooks;
      state.ResumeTiming();
      const Stopwatch stopwatch;
      Fill(*contestant, from, to, deadline, 1);
      seconds += stopwatch.Seconds();
      state.PauseTiming();
      from = to;
      const double resident = BeyondKeyAndValue(ResidentBytes() - empty_bytes, to);
      resident_sum += resident;
      resident_worst = std::max(resident_worst, resident);
      counted_sum += BeyondKeyAndValue(CountedBytes(*contestant), to);
      ++looks;
    }
    state.SetIterationTime(seconds);
    contestant.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["beyond_mean_B"] = resident_sum / looks;
  state.counters["beyond_worst_B"] = resident_worst;
  if (counted_sum > 0) state.counters["counted_mean_B"] = counted_sum / looks;
}

template <typename Contestant>
void InsertLatency(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  const auto keys = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();  // corrects the CPU column
    WarmPages(keys * Contestant::kBytesAKey);
    auto contestant = std::make_unique<Contestant>();
    std::vector<double> latencies_ns(keys);
    state.ResumeTiming();
    const Clock::time_point begin = Clock::now();
    Clock::time_point last = begin;
    for (uint64_t number = 0; number < keys; ++number) {
      const Key key(number);
      contestant->Set(contestant->Hash(key.text()), kValue, kNow + kLongTtl, kNow);
      const Clock::time_point now = Clock::now();
      latencies_ns[number] = std::chrono::duration<double, std::nano>(now - last).count();
      last = now;
    }
    state.PauseTiming();
    contestant.reset();
    state.SetIterationTime(std::chrono::duration<double>(last - begin).count());
    state.counters["p50_ns"] = Percentile(latencies_ns, 50);
    state.counters["p99_ns"] = Percentile(latencies_ns, 99);
    state.counters["p99.9_ns"] = Percentile(latencies_ns, 99.9);
    state.counters["longest_us"] = 1e-3 * Percentile(latencies_ns, 100);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <typename Contestant>
void Register(const std::string& subject, benchmark::internal::Function* run) {
  for (const int64_t keys : Contestant::kSizes) {
    benchmark::RegisterBenchmark((subject + "/" + Contestant::kName).c_str(), run)
        ->ArgName("keys")
        ->Arg(keys)
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace

void RegisterGrowth() {
  Register<KeyspaceContestant>("Growth", Growth<KeyspaceContestant>);
  Register<AbslContestant>("Growth", Growth<AbslContestant>);
  Register<BoostContestant>("Growth", Growth<BoostContestant>);
  Register<KeyspaceContestant>("InsertLatency", InsertLatency<KeyspaceContestant>);
  Register<AbslContestant>("InsertLatency", InsertLatency<AbslContestant>);
  Register<BoostContestant>("InsertLatency", InsertLatency<BoostContestant>);
}

}  // namespace dcs::bench
