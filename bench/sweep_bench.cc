// The unpaced sweep: FastSweep of a keyspace, erase_if of the maps, over a freshly filled store.
//
// Times are those of the sweep alone. Counters, means over the iterations:
//   keys_passed, released       keys per second of wall time
//   cpu_ms                      processor time of all threads
//   before_MiB, after_MiB       resident size of the process, immediately
//   returned_%                  share of the expired keys' memory: the fall of the resident size over
//                               the expired share of the store's resident memory (omitted if less
//                               than a twentieth of the keys expired)
//   beyond_B                    resident bytes per key beyond key and value, before the sweep
//   evacuated                   survivors copied
#include <memory>
#include <string>

#include "bench/contestants.h"
#include "bench/deadline_mix.h"
#include "bench/fill.h"
#include "bench/resident.h"
#include "bench/stopwatch.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

using benchmark::Counter;

struct Sums {
  double passed = 0, released = 0, evacuated = 0, cpu_seconds = 0;
  double empty_bytes = 0, before_bytes = 0, after_bytes = 0;

  void Report(benchmark::State& state, double keys, double expired) const {
    const auto mean = [&](double sum) { return Counter(sum, Counter::kAvgIterations); };
    state.counters["keys_passed"] = Counter(passed, Counter::kIsRate);
    state.counters["released"] = Counter(released, Counter::kIsRate);
    state.counters["cpu_ms"] = mean(1e3 * cpu_seconds);
    state.counters["before_MiB"] = mean(before_bytes / kMiB);
    state.counters["after_MiB"] = mean(after_bytes / kMiB);
    const double held = before_bytes - empty_bytes;
    const auto sweeps = static_cast<double>(state.iterations());
    state.counters["beyond_B"] = held / sweeps / keys - kKeyBytes - kValueBytes;
    if (expired >= keys / 20) {
      state.counters["returned_%"] = 100 * (before_bytes - after_bytes) / (held * expired / keys);
    }
    state.counters["evacuated"] = mean(evacuated);
  }
};

double Evacuated(KeyspaceContestant& contestant) {
  return static_cast<double>(contestant.keyspace().Counters().evacuated_records);
}
template <typename Map>
double Evacuated(LockedMap<Map>&) {
  return 0;
}

// One timed sweep of `contestant`; false if it did not release exactly `expired` keys. REQUIRES:
// the state's timing is paused; it is paused again afterwards.
template <typename Contestant>
bool SweepOnce(benchmark::State& state, Contestant& contestant, TimeMs now, uint64_t expired,
               Sums& sums) {
  const auto threads = static_cast<size_t>(state.range(2));
  const double evacuated = Evacuated(contestant);
  sums.before_bytes += static_cast<double>(ResidentBytes());
  state.ResumeTiming();
  const Stopwatch stopwatch;
  const Swept swept = contestant.Sweep(now, threads);
  state.SetIterationTime(stopwatch.Seconds());
  sums.cpu_seconds += stopwatch.CpuSeconds();
  state.PauseTiming();
  sums.after_bytes += static_cast<double>(ResidentBytes());
  sums.passed += static_cast<double>(swept.visited);
  sums.released += static_cast<double>(swept.released);
  sums.evacuated += Evacuated(contestant) - evacuated;
  return swept.released == expired;
}

template <typename Contestant>
void Sweep(benchmark::State& state, const DeadlineMix& mix) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  const Deadlines deadlines(mix, state.range(1));
  const uint64_t expired = deadlines.CountDying(keys);
  Sums sums;
  std::unique_ptr<Contestant> contestant;
  double empty_bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();  // corrects the CPU column
    // A sweep that releases nothing leaves the store unchanged.
    if (contestant == nullptr || expired > 0) {
      contestant.reset();
      empty_bytes = static_cast<double>(SettledResidentBytes());
      contestant = std::make_unique<Contestant>();
      Fill(*contestant, 0, keys, deadlines);
    }
    sums.empty_bytes += empty_bytes;
    if (!SweepOnce(state, *contestant, mix.SweepTime(), expired, sums)) {
      state.SkipWithError("what was released is not what had expired");
      break;
    }
    state.ResumeTiming();
  }
  sums.Report(state, static_cast<double>(keys), static_cast<double>(expired));
}

// Refilling takes a hundred times the timed part: few iterations, fewer with many keys.
int64_t Iterations(int64_t keys, int64_t expired_permille) {
  if (expired_permille == 0) return 100;
  return keys <= 100'000 ? 10 : keys <= 2'000'000 ? 3 : 1;
}

template <typename Contestant>
void Register(const DeadlineMix& mix, int64_t keys, int64_t expired_permille, int64_t threads) {
  const std::string name = std::string("Sweep/") + Contestant::kName + "/" + mix.name;
  benchmark::RegisterBenchmark(name.c_str(),
                               [mix](benchmark::State& state) { Sweep<Contestant>(state, mix); })
      ->ArgNames({"keys", "expired_permille", "sweep_threads"})
      ->Args({keys, expired_permille, threads})
      ->Iterations(Iterations(keys, expired_permille))
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

template <typename Contestant>
void RegisterBaseline() {
  for (const int64_t keys : Contestant::kSizes) {
    for (const int64_t permille : {0, 1, 330, 500, 1'000}) {
      Register<Contestant>(kClassesKnown, keys, permille, 1);
    }
  }
}

}  // namespace

void RegisterSweep() {
  for (const DeadlineMix& mix : {kClassesKnown, kClassUnknown}) {
    for (const int64_t keys : KeyspaceContestant::kSizes) {
      for (const int64_t permille : {0, 1, 100, 330, 500, 900, 1'000}) {
        Register<KeyspaceContestant>(mix, keys, permille, 1);
      }
      for (const int64_t permille : {1, 500, 1'000}) {
        Register<KeyspaceContestant>(mix, keys, permille, 2);
      }
    }
  }
  for (const int64_t keys : {150'000, 1'500'000, 15'000'000}) {
    for (const int64_t threads : {1, 2}) {
      Register<KeyspaceContestant>(kReferenceMix, keys, 333, threads);
    }
  }
  RegisterBaseline<AbslContestant>();
  RegisterBaseline<BoostContestant>();
}

}  // namespace dcs::bench
