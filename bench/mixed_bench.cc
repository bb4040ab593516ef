// Mixed load on one store: of 100 operations 70 Gets, 20 overwrites, 5 Expires, and 5 Sets of keys
// that are new or return. Each thread draws random keys from all keys. Compare items_per_second of
// threads:2 with threads:1.
#include <cstdint>
#include <memory>
#include <string>

#include "bench/contestants.h"
#include "bench/fill.h"
#include "bench/keys.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

template <typename Contestant>
void Operate(Contestant& contestant, uint64_t keys, Random& random) {
  const uint64_t bits = random.Next();
  const uint64_t dice = (bits & 0xFFFF) * 100 >> 16;
  // New keys have numbers above the existing ones, at most half as many again.
  const uint64_t number = dice < 95 ? Below(keys, bits) : keys + Below(keys / 2, bits);
  const Key key(number);
  const HashedKey hashed = contestant.Hash(key.text());
  if (dice < 70) {
    benchmark::DoNotOptimize(contestant.Get(hashed, kNow));
  } else if (dice < 90 || dice >= 95) {
    contestant.Set(hashed, kValue, kNow + kLongTtl, kNow);
  } else {
    contestant.Expire(hashed, kNow + kLongTtl - 1, kNow);
  }
}

template <typename Contestant>
void Mixed(benchmark::State& state) {
  static std::unique_ptr<Contestant> contestant;  // shared by the threads of a run
  if (state.thread_index() == 0) contestant = FilledAndSeen<Contestant>(state.range(0));
  const auto keys = static_cast<uint64_t>(state.range(0));
  Random random(static_cast<uint64_t>(state.thread_index()));
  for (auto _ : state) Operate(*contestant, keys, random);
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) contestant.reset();
}

template <typename Contestant>
void Register() {
  for (const int64_t keys : Contestant::kSizes) {
    RegisterOperations(std::string("Mixed/") + Contestant::kName, Mixed<Contestant>, keys,
                       kOperations);
  }
}

}  // namespace

void RegisterMixed() {
  Register<KeyspaceContestant>();
  Register<AbslContestant>();
  Register<BoostContestant>();
}

}  // namespace dcs::bench
