// Mixes of deadlines: a random share of the keys expires before a sweep, among three kinds of
// survivors.
#pragma once

#include <cstdint>

#include "bench/contestants.h"
#include "bench/keys.h"

namespace dcs::bench {

struct DeadlineMix {
  const char* name;
  // Times to live, drawn uniformly between the bounds. The sweep starts after all dying keys have
  // expired.
  TimeMs dying_from, dying_to;
  TimeMs living_from, living_to;  // kNoDeadline: never expire

  TimeMs SweepTime() const { return kNow + dying_to + 1; }
};

// The deadlines given at SET separate the dying keys, which are stored together.
inline constexpr DeadlineMix kClassesKnown = {"classes_known", 1'000, 5'000, 1'200'000, 3'600'000};
// All keys are in one deadline class (up to 8 s), so survivors lie among dead records and are
// evacuated if the waste limit requires it.
inline constexpr DeadlineMix kClassUnknown = {"class_unknown", 1'000, 5'000, 7'000, 8'000};
// The cloud's reference test: 5 of 15 million keys expire after 1 to 10 s, 10 million never.
inline constexpr DeadlineMix kReferenceMix = {"reference_mix", 1'000, 10'000, kNoDeadline,
                                              kNoDeadline};

// A mix in which `expired_permille` of 1,000 keys expire.
class Deadlines {
 public:
  Deadlines(const DeadlineMix& mix, int64_t expired_permille)
      : mix_(mix), expired_permille_(static_cast<uint64_t>(expired_permille)) {}

  bool Dies(uint64_t key) const { return Below(1'000, Bits(key)) < expired_permille_; }
  TimeMs operator()(uint64_t key) const {
    const uint64_t bits = Scramble(Bits(key));
    if (Dies(key)) return Between(mix_.dying_from, mix_.dying_to, bits);
    if (mix_.living_to == kNoDeadline) return kNoDeadline;
    return Between(mix_.living_from, mix_.living_to, bits);
  }
  uint64_t CountDying(uint64_t keys) const {
    uint64_t dying = 0;
    for (uint64_t key = 0; key < keys; ++key) dying += Dies(key);
    return dying;
  }

 private:
  // Uses other bits than the key's text.
  static uint64_t Bits(uint64_t key) { return Scramble(~key); }
  static TimeMs Between(TimeMs from, TimeMs to, uint64_t bits) {
    return kNow + from + static_cast<TimeMs>(Below(static_cast<uint64_t>(to - from + 1), bits));
  }

  const DeadlineMix mix_;
  const uint64_t expired_permille_;
};

}  // namespace dcs::bench
