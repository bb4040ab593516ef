// What the store costs: keys of 16 bytes, values of 32, on one thread.
//
// Beside times, exact figures: bytes a key beyond key and value.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <memory>
#include <string>

#include "store/keyspace.h"
#include "store/transaction.h"

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;
constexpr TimeMs kTtl = 5'000;
constexpr size_t kKeyBytes = 16, kValueBytes = 32;

class Keys {
 public:
  std::string_view At(uint64_t i) {
    std::snprintf(text_, sizeof(text_), "k%015llx", static_cast<unsigned long long>(i));
    return {text_, kKeyBytes};
  }

 private:
  char text_[32];
};

const std::string kValue(kValueBytes, 'v');

uint64_t Scramble(uint64_t i) { return (i * 0x9E3779B97F4A7C15u) >> 20; }

// `expiring` of 100 keys have a deadline.
std::unique_ptr<Keyspace> Filled(int64_t keys, int64_t expiring) {
  KeyspaceOptions options;
  options.seed = 1;
  options.epoch = kNow;
  auto keyspace = std::make_unique<Keyspace>(options);
  Keys key;
  for (int64_t i = 0; i < keys; ++i) {
    const bool expires = i % 100 < expiring;
    (void)keyspace->Set(key.At(static_cast<uint64_t>(i)), kValue,
                        expires ? kNow + kTtl : kNoDeadline, kNow);
  }
  return keyspace;
}

void BM_Insert(benchmark::State& state) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    const auto keyspace = Filled(state.range(0), 100);
    const MemoryUse use = keyspace->Memory();
    state.counters["overhead_bytes_a_key"] =
        static_cast<double>(use.total()) / static_cast<double>(keys) - kKeyBytes - kValueBytes;
    state.PauseTiming();
    keyspace->Clear(FreeMode::kNow);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Insert)->Arg(100'000)->Arg(1'000'000)->Arg(5'000'000)->Unit(benchmark::kMillisecond);

void BM_Get(benchmark::State& state) {
  const auto keyspace = Filled(state.range(0), 100);
  Keys key;
  uint64_t i = 0;
  for (auto _ : state) {
    const HashedKey hashed =
        keyspace->Hash(key.At(Scramble(++i) % static_cast<uint64_t>(state.range(0))));
    Transaction txn(*keyspace, kNow, hashed);
    benchmark::DoNotOptimize(txn.Find(hashed));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Get)->Arg(100'000)->Arg(1'000'000)->Arg(5'000'000);

void BM_Overwrite(benchmark::State& state) {
  const auto keyspace = Filled(state.range(0), 100);
  Keys key;
  uint64_t i = 0;
  for (auto _ : state) {
    (void)keyspace->Set(key.At(Scramble(++i) % static_cast<uint64_t>(state.range(0))), kValue,
                        kNow + kTtl, kNow);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Overwrite)->Arg(100'000)->Arg(1'000'000)->Arg(5'000'000);

// One whole sweep in large steps; the share of expired keys is the second argument.
void BM_Sweep(benchmark::State& state) {
  uint64_t released = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto keyspace = Filled(state.range(0), state.range(1));
    state.ResumeTiming();
    SweepCursor cursor;
    SweepResult result;
    do {
      result = keyspace->Sweep(cursor, 1'000'000, kNow + kTtl + 1);
      released += result.released;
    } while (!result.done);
    state.PauseTiming();
    keyspace.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["released"] =
      benchmark::Counter(static_cast<double>(released), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_Sweep)
    ->ArgsProduct({{1'000'000, 5'000'000}, {0, 33, 100}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dcs::store
