// Get: random existing keys, one at a time, and in batches whose cache misses overlap.
#include <array>
#include <memory>
#include <string>

#include "bench/contestants.h"
#include "bench/fill.h"
#include "bench/keys.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

constexpr size_t kBatch = 16;

void CheckAllFound(benchmark::State& state, size_t found_bytes) {
  state.SetItemsProcessed(state.iterations());
  if (found_bytes != static_cast<size_t>(state.iterations()) * kValueBytes) {
    state.SkipWithError("a key that was set is not found");
  }
}

template <typename Contestant>
void Get(benchmark::State& state) {
  static std::unique_ptr<Contestant> contestant;  // shared by the threads of a run
  if (state.thread_index() == 0) contestant = FilledAndSeen<Contestant>(state.range(0));
  const auto keys = static_cast<uint64_t>(state.range(0));
  Random random(static_cast<uint64_t>(state.thread_index()));
  size_t found_bytes = 0;
  for (auto _ : state) {
    const Key key(random.Below(keys));
    found_bytes += contestant->Get(contestant->Hash(key.text()), kNow);
  }
  CheckAllFound(state, found_bytes);
  if (state.thread_index() == 0) contestant.reset();
}

// Like the front end with pipelined commands: hash a batch, prefetch it, then one transaction per
// key.
void GetBatch(benchmark::State& state) {
  static std::unique_ptr<KeyspaceContestant> contestant;
  if (state.thread_index() == 0) contestant = FilledAndSeen<KeyspaceContestant>(state.range(0));
  const auto keys = static_cast<uint64_t>(state.range(0));
  Random random(static_cast<uint64_t>(state.thread_index()));
  size_t found_bytes = 0;
  std::array<Key, kBatch> texts;
  std::array<HashedKey, kBatch> hashed;
  while (state.KeepRunningBatch(kBatch)) {
    for (size_t i = 0; i < kBatch; ++i) {
      texts[i] = Key(random.Below(keys));
      hashed[i] = contestant->Hash(texts[i].text());
    }
    contestant->keyspace().Prefetch(hashed);
    for (const HashedKey& key : hashed) found_bytes += contestant->Get(key, kNow);
  }
  CheckAllFound(state, found_bytes);
  if (state.thread_index() == 0) contestant.reset();
}

template <typename Contestant>
void Register() {
  for (const int64_t keys : Contestant::kSizes) {
    RegisterOperations(std::string("Get/") + Contestant::kName, Get<Contestant>, keys, kOperations);
  }
}

}  // namespace

void RegisterGet() {
  Register<KeyspaceContestant>();
  for (const int64_t keys : KeyspaceContestant::kSizes) {
    RegisterOperations("GetBatch16/keyspace", GetBatch, keys, kOperations);
  }
  Register<AbslContestant>();
  Register<BoostContestant>();
}

}  // namespace dcs::bench
