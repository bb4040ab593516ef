// When a key was last accessed and how often: one word a key, what OBJECT IDLETIME and OBJECT FREQ show.
//
//   bits 8-31  second of the last access, modulo 2^24: 194 days, as in Redis
//   bits 0-7   Redis's LFU counter, logarithmic in the number of accesses
//
// A key's word stands beside its slot (BlockPool::AccessOf) and moves with it. So a new key starts
// afresh, whatever key had its place before.
//
// Sources: evict.c of Redis 7 with its default settings. A new key starts at 5, the chance of a step is
// 1 / ((counter - 5) * 10 + 1), and a counter loses one for each minute without an access.
//
// Thread safety: plain functions over words that the shard's lock guards.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "store/time/clock.h"

namespace dcs::store {

using AccessWord = uint32_t;
// Nothing is known of the key's accesses. No key that was accessed has it, but for one second in 194 days
// if its counter has fallen to 0.
inline constexpr AccessWord kNoAccess = 0;

inline constexpr int kAccessCounterBits = 8;
inline constexpr uint32_t kAccessCounterMask = (uint32_t{1} << kAccessCounterBits) - 1;
inline constexpr uint32_t kAccessSecondMask = UINT32_MAX >> kAccessCounterBits;
inline constexpr uint32_t kNewKeysCounter = 5;

inline uint32_t AccessSecond(TimeMs now) {
  // Unsigned, which takes half the instructions: no `now` is before 1970.
  return static_cast<uint32_t>(static_cast<uint64_t>(now) / 1000) & kAccessSecondMask;
}

// The word of a key that is made at `now`.
inline AccessWord NewAccess(TimeMs now) {
  return AccessSecond(now) << kAccessCounterBits | kNewKeysCounter;
}

// `word` with the second of `now`, its counter lowered by the minutes since. kNoAccess becomes NewAccess.
AccessWord Renewed(AccessWord word, TimeMs now);

// For each counter, how many of 2^32 draws raise it.
inline constexpr std::array<uint32_t, kAccessCounterMask + 1> kRaisingDraws = [] {
  constexpr uint32_t kLogFactor = 10;
  std::array<uint32_t, kAccessCounterMask + 1> draws{};
  for (uint32_t counter = 0; counter < kAccessCounterMask; ++counter) {
    const uint32_t above = counter > kNewKeysCounter ? counter - kNewKeysCounter : 0;
    draws[counter] = UINT32_MAX / (above * kLogFactor + 1);
  }
  return draws;
}();

// The word after an access at `now`. `draw`: any of 2^32 numbers, all equally likely. O(1).
inline AccessWord Accessed(AccessWord word, TimeMs now, uint32_t draw) {
  if (word >> kAccessCounterBits != AccessSecond(now)) [[unlikely]]
    word = Renewed(word, now);
  return word + (draw < kRaisingDraws[word & kAccessCounterMask]);
}

struct KeyAccess {
  int64_t idle_seconds = 0;                           // since the last access
  int frequency = static_cast<int>(kNewKeysCounter);  // 0 to 255; 255 is about a million accesses
};
// What `word` says at `now`.
KeyAccess ReadAccess(AccessWord word, TimeMs now);

}  // namespace dcs::store
