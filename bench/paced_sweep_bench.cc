// The paced sweep, as scan tasks run it: a third of the keys expired, a fixed number of keys per
// step, without pauses.
//
// Time is that of the whole walk; step is the mean step, longest_us the longest, including the
// clock reading. Steps after the walk that only evacuate are included.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "bench/contestants.h"
#include "bench/deadline_mix.h"
#include "bench/fill.h"
#include "bench/stopwatch.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

using benchmark::Counter;

constexpr int64_t kExpiredPermille = 330;

struct Walk {
  double seconds = 0, longest_step = 0, steps = 0;
  store::SweepResult total;
};

Walk WalkOnce(store::Keyspace& keyspace, size_t keys_per_step, TimeMs now) {
  Walk walk;
  const Stopwatch stopwatch;
  store::SweepCursor cursor;
  do {
    const store::SweepResult step = keyspace.Sweep(cursor, keys_per_step, now);
    walk.total.visited += step.visited;
    walk.total.released += step.released;
    walk.total.done = step.done;
    const double seconds = stopwatch.Seconds();
    walk.longest_step = std::max(walk.longest_step, seconds - walk.seconds);
    walk.seconds = seconds;
    ++walk.steps;
  } while (!walk.total.done);
  return walk;
}

void PacedSweep(benchmark::State& state, const DeadlineMix& mix) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  const Deadlines deadlines(mix, kExpiredPermille);
  double passed = 0, released = 0, steps = 0, longest_step = 0;
  for (auto _ : state) {
    state.PauseTiming();  // corrects the CPU column
    auto contestant = std::make_unique<KeyspaceContestant>();
    Fill(*contestant, 0, keys, deadlines);
    state.ResumeTiming();
    const Walk walk =
        WalkOnce(contestant->keyspace(), static_cast<size_t>(state.range(1)), mix.SweepTime());
    state.PauseTiming();
    contestant.reset();
    state.SetIterationTime(walk.seconds);
    if (walk.total.released != deadlines.CountDying(keys)) {
      state.SkipWithError("what was released is not what had expired");
      break;
    }
    passed += static_cast<double>(walk.total.visited);
    released += static_cast<double>(walk.total.released);
    steps += walk.steps;
    longest_step = std::max(longest_step, walk.longest_step);
    state.ResumeTiming();
  }
  state.counters["keys_passed"] = Counter(passed, Counter::kIsRate);
  state.counters["released"] = Counter(released, Counter::kIsRate);
  state.counters["step"] = Counter(steps, Counter::kIsRate | Counter::kInvert);
  state.counters["longest_us"] = 1e6 * longest_step;
}

}  // namespace

void RegisterPacedSweep() {
  for (const DeadlineMix& mix : {kClassesKnown, kClassUnknown}) {
    for (const int64_t keys : KeyspaceContestant::kSizes) {
      for (const int64_t keys_per_step : {10, 100, 1'000, 10'000}) {
        benchmark::RegisterBenchmark((std::string("PacedSweep/keyspace/") + mix.name).c_str(),
                                     [mix](benchmark::State& state) { PacedSweep(state, mix); })
            ->ArgNames({"keys", "keys_per_step"})
            ->Args({keys, keys_per_step})
            ->Iterations(1)
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond);
      }
    }
  }
}

}  // namespace dcs::bench
