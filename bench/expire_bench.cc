// Expire: sets another deadline for an existing key, in the same deadline class and in another.
//
// In a keyspace the second kind moves the record to another log; the maps have no classes.
#include <memory>
#include <string>

#include "bench/contestants.h"
#include "bench/fill.h"
#include "bench/keys.h"
#include "bench/subjects.h"

namespace dcs::bench {
namespace {

constexpr TimeMs kTtlOfOtherClass = 5'000;

template <typename Contestant, bool kOtherClass>
void Expire(benchmark::State& state) {
  static std::unique_ptr<Contestant> contestant;
  if (state.thread_index() == 0) contestant = FilledAndSeen<Contestant>(state.range(0));
  const auto keys = static_cast<uint64_t>(state.range(0));
  const auto threads = static_cast<uint64_t>(state.threads());
  const auto thread = static_cast<uint64_t>(state.thread_index());
  // Each thread cycles through its own keys, so that every operation finds the class set one round
  // earlier.
  const uint64_t own_keys = keys / threads;
  EveryKeyOnce order(own_keys);
  uint64_t done = 0, found = 0;
  TimeMs ttl = kOtherClass ? kTtlOfOtherClass : kLongTtl - 1;
  for (auto _ : state) {
    const Key key(order.Next() * threads + thread);
    found += contestant->Expire(contestant->Hash(key.text()), kNow + ttl, kNow);
    if (++done % own_keys == 0 && kOtherClass) ttl = kLongTtl + kTtlOfOtherClass - ttl;
  }
  state.SetItemsProcessed(state.iterations());
  if (found != done) state.SkipWithError("a key that was set is not found");
  if (state.thread_index() == 0) contestant.reset();
}

template <typename Contestant>
void Register() {
  const std::string name = std::string("Expire/") + Contestant::kName;
  for (const int64_t keys : Contestant::kSizes) {
    RegisterOperations(name + "/same_class", Expire<Contestant, false>, keys, kOperations);
  }
}

}  // namespace

void RegisterExpire() {
  Register<KeyspaceContestant>();
  for (const int64_t keys : KeyspaceContestant::kSizes) {
    RegisterOperations("Expire/keyspace/other_class", Expire<KeyspaceContestant, true>, keys,
                       kOperations);
  }
  Register<AbslContestant>();
  Register<BoostContestant>();
}

}  // namespace dcs::bench
