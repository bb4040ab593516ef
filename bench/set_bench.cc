// Set: new keys, from the empty store up, and random existing keys.
//
// Insert's figure is the mean over all growth up to `keys` keys: no contestant is told the final
// number. Its memory is warmed first (resident.h).
#include <memory>
#include <string>

#include "bench/contestants.h"
#include "bench/fill.h"
#include "bench/keys.h"
#include "bench/resident.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

template <typename Contestant>
void Insert(benchmark::State& state) {
  static std::unique_ptr<Contestant> contestant;
  if (state.thread_index() == 0) {
    WarmPages(static_cast<size_t>(state.range(0)) * Contestant::kBytesAKey);
    contestant = std::make_unique<Contestant>();
  }
  const auto threads = static_cast<uint64_t>(state.threads());
  auto number = static_cast<uint64_t>(state.thread_index());
  for (auto _ : state) {
    const Key key(number);
    contestant->Set(contestant->Hash(key.text()), kValue, kNow + kLongTtl, kNow);
    number += threads;
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() != 0) return;
  if (contestant->size() != static_cast<size_t>(state.range(0))) {
    state.SkipWithError("not all keys were inserted");
  }
  contestant.reset();
}

template <typename Contestant>
void Overwrite(benchmark::State& state) {
  static std::unique_ptr<Contestant> contestant;
  if (state.thread_index() == 0) contestant = FilledAndSeen<Contestant>(state.range(0));
  const auto keys = static_cast<uint64_t>(state.range(0));
  Random random(static_cast<uint64_t>(state.thread_index()));
  for (auto _ : state) {
    const Key key(random.Below(keys));
    contestant->Set(contestant->Hash(key.text()), kValue, kNow + kLongTtl, kNow);
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) contestant.reset();
}

template <typename Contestant>
void Register() {
  const std::string contestant = Contestant::kName;
  for (const int64_t keys : Contestant::kSizes) {
    RegisterOperations("Insert/" + contestant, Insert<Contestant>, keys, keys);
  }
  for (const int64_t keys : Contestant::kSizes) {
    RegisterOperations("Overwrite/" + contestant, Overwrite<Contestant>, keys, kOperations);
  }
}

}  // namespace

void RegisterSet() {
  Register<KeyspaceContestant>();
  Register<AbslContestant>();
  Register<BoostContestant>();
}

}  // namespace dcs::bench
