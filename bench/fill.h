// Fills a contestant before the measurement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "bench/contestants.h"
#include "bench/keys.h"

namespace dcs::bench {

// Default: one hour, so that all keys are in one deadline class.
inline constexpr TimeMs kLongTtl = 3'600'000;

// Sets the keys numbered [from, to), each with the deadline deadline_of(number), on `threads`
// threads.
template <typename Contestant, typename DeadlineOf>
void Fill(Contestant& contestant, uint64_t from, uint64_t to, DeadlineOf deadline_of,
          size_t threads = 2) {
  const auto fill = [&](uint64_t first, uint64_t end) {
    for (uint64_t number = first; number < end; ++number) {
      const Key key(number);
      contestant.Set(contestant.Hash(key.text()), kValue, deadline_of(number), kNow);
    }
  };
  std::vector<std::thread> others;
  const uint64_t share = (to - from) / threads;
  for (size_t other = 1; other < threads; ++other, from += share) {
    others.emplace_back(fill, from, from + share);
  }
  fill(from, to);
  for (std::thread& other : others) other.join();
}

template <typename Contestant>
std::unique_ptr<Contestant> Filled(int64_t keys) {
  auto contestant = std::make_unique<Contestant>();
  Fill(*contestant, 0, static_cast<uint64_t>(keys), [](uint64_t) { return kNow + kLongTtl; });
  return contestant;
}

// Same, then looks up each key once, for benchmarks of single operations. A hypervisor that manages
// the page tables forgets pages when others are freed, as happens while a store grows. The first
// access to each such page takes some microseconds, which would dominate the measurement.
template <typename Contestant>
std::unique_ptr<Contestant> FilledAndSeen(int64_t keys) {
  auto contestant = Filled<Contestant>(keys);
  for (uint64_t number = 0; number < static_cast<uint64_t>(keys); ++number) {
    const Key key(number);
    benchmark::DoNotOptimize(contestant->Get(contestant->Hash(key.text()), kNow));
  }
  return contestant;
}

}  // namespace dcs::bench
