// Steady churn: ten overwrites per key, of random keys, each with a new size of 10 to 500 bytes and
// a new time to live of 4 s to 49 days; each power of two is equally likely. A variant uses values
// of one size, 255 bytes. Time stands still, so nothing expires and all records are live.
//
// Counters, sampled 100 times and at the end:
//   waste, waste_worst   resident bytes of the store over live records plus index; the goal is 1.35
//   counted_waste        the same from the keyspace's own count, at the end
//   copied               records evacuated per overwrite
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "bench/contestants.h"
#include "bench/keys.h"
#include "bench/resident.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

constexpr uint64_t kSmallest = 10, kLargest = 500;
constexpr uint64_t kMeanSize = (kSmallest + kLargest) / 2;
constexpr int64_t kOverwritesAKey = 10;
constexpr int64_t kLooks = 100;

class Writer {
 public:
  Writer(store::Keyspace& keyspace, bool random_sizes)
      : keyspace_(keyspace), random_sizes_(random_sizes) {}

  void Write(uint64_t number) {
    const uint64_t bits = random_.Next();
    const uint64_t size =
        random_sizes_ ? kSmallest + Below(kLargest - kSmallest + 1, bits) : kMeanSize;
    // A power of two from 2^12 to 2^31 ms, plus up to the same again.
    const TimeMs least = TimeMs{1} << (12 + bits % 20);
    const TimeMs ttl = least + static_cast<TimeMs>(bits >> 8 & (static_cast<uint64_t>(least) - 1));
    const Key key(number);
    if (!keyspace_.Set(key.text(), std::string_view(value_).substr(0, size), kNow + ttl, kNow).ok())
      failed_ = true;
  }
  void WriteRandom(uint64_t keys) { Write(random_.Below(keys)); }
  bool failed() const { return failed_; }

 private:
  store::Keyspace& keyspace_;
  const bool random_sizes_;
  const std::string value_ = std::string(kLargest, 'v');
  Random random_{0};
  bool failed_ = false;
};

double Needed(const store::MemoryUse& memory) {
  return static_cast<double>(memory.live_log_bytes + memory.index_bytes);
}

void Churn(benchmark::State& state, bool random_sizes) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  WarmPages(keys * (kMeanSize + KeyspaceContestant::kBytesAKey));
  const size_t empty_bytes = SettledResidentBytes();
  KeyspaceContestant contestant;
  store::Keyspace& keyspace = contestant.keyspace();
  Writer writer(keyspace, random_sizes);
  for (uint64_t number = 0; number < keys; ++number) writer.Write(number);

  const auto waste = [&] {
    return static_cast<double>(ResidentBytes() - empty_bytes) / Needed(keyspace.Memory());
  };
  const int64_t between_looks = state.max_iterations / kLooks;
  int64_t until_look = between_looks;
  double worst = 0;
  for (auto _ : state) {
    writer.WriteRandom(keys);
    if (--until_look > 0) continue;
    until_look = between_looks;
    worst = std::max(worst, waste());
  }
  if (writer.failed() || keyspace.size() != keys) state.SkipWithError("a key could not be set");
  state.SetItemsProcessed(state.iterations());
  const store::MemoryUse memory = keyspace.Memory();
  state.counters["waste"] = waste();
  state.counters["waste_worst"] = worst;
  state.counters["counted_waste"] = static_cast<double>(memory.resident()) / Needed(memory);
  constexpr double kMiB = 1 << 20;
  state.counters["live_MiB"] = static_cast<double>(memory.live_log_bytes) / kMiB;
  state.counters["log_MiB"] = static_cast<double>(memory.log_bytes) / kMiB;
  state.counters["index_MiB"] = static_cast<double>(memory.index_bytes) / kMiB;
  state.counters["stock_MiB"] = static_cast<double>(memory.stock_bytes) / kMiB;
  state.counters["copied"] =
      benchmark::Counter(static_cast<double>(keyspace.Counters().evacuated_records),
                         benchmark::Counter::kAvgIterations);
}

}  // namespace

void RegisterChurn() {
  for (const int64_t keys : {100'000, 1'000'000, 10'000'000}) {
    for (const bool random_sizes : {true, false}) {
      const std::string name =
          std::string("Churn/keyspace/") + (random_sizes ? "random_sizes" : "fixed_size");
      benchmark::RegisterBenchmark(
          name.c_str(), [random_sizes](benchmark::State& state) { Churn(state, random_sizes); })
          ->ArgName("keys")
          ->Arg(keys)
          ->Iterations(keys * kOverwritesAKey)
          ->UseRealTime();
    }
  }
}

}  // namespace dcs::bench
