// Deadlines: when a key expires, how a slot keeps that in five bytes, and which keys die together.
//
// A deadline is the last millisecond at which the key is still there (Redis: a key is expired when
// now > deadline). Slots keep it relative to the keyspace's epoch as 32 coarse bits (units of
// 256 ms) and 8 fine bits, which reaches 2^40 ms = 34.8 years; later ones stand in the record.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <limits>

#include "store/time/clock.h"

namespace dcs::store {

// The deadline of a key that never expires.
inline constexpr TimeMs kNoDeadline = std::numeric_limits<TimeMs>::max();

constexpr bool Expired(TimeMs deadline, TimeMs now) { return deadline < now; }

// `time` + `ms`, at most the last time there is, at least the first.
constexpr TimeMs SaturatingAdd(TimeMs time, int64_t ms) {
  TimeMs sum = 0;
  if (!__builtin_add_overflow(time, ms, &sum)) return sum;
  return ms < 0 ? std::numeric_limits<TimeMs>::min() : std::numeric_limits<TimeMs>::max();
}

// From `now` to `deadline`; kNoDeadline if there is none. At most kNoDeadline - 1 otherwise: a `now` far
// below zero must not overflow.
constexpr TimeMs MillisecondsLeft(TimeMs deadline, TimeMs now) {
  if (deadline == kNoDeadline) return kNoDeadline;
  TimeMs left = 0;
  if (__builtin_sub_overflow(deadline, now, &left)) {
    return deadline < now ? std::numeric_limits<TimeMs>::min() : kNoDeadline - 1;
  }
  return std::min(left, kNoDeadline - 1);
}

// ---- The five bytes -----------------------------------------------------------------------------

inline constexpr uint32_t kCoarseNone = 0xFFFFFFFF;       // no deadline
inline constexpr uint32_t kCoarseOutOfLine = 0xFFFFFFFE;  // beyond the window: ask the record

struct SlotDeadline {
  uint32_t coarse = kCoarseNone;
  uint8_t fine = 0;

  // The same order in one number.
  constexpr uint64_t rank() const { return uint64_t{coarse} << 8 | fine; }
  friend constexpr auto operator<=>(const SlotDeadline&, const SlotDeadline&) = default;
};

// First deadline, relative to the epoch, that a slot cannot hold.
inline constexpr TimeMs kDeadlineWindowMs = TimeMs{kCoarseOutOfLine} << 8;
static_assert(kDeadlineWindowMs / (365LL * 24 * 3600 * 1000) == 34);

// Deadlines before the epoch are kept as the epoch itself. The keyspace's epoch lies before any of its
// `now` (keyspace.cc), so that such a key is expired.
constexpr SlotDeadline ToSlot(TimeMs deadline, TimeMs epoch) {
  if (deadline == kNoDeadline) return {};
  if (deadline <= epoch) return {0, 0};
  // Unsigned, so that an epoch far below zero cannot overflow.
  const uint64_t relative = static_cast<uint64_t>(deadline) - static_cast<uint64_t>(epoch);
  if (relative >= static_cast<uint64_t>(kDeadlineWindowMs)) return {kCoarseOutOfLine, 0};
  return {static_cast<uint32_t>(relative >> 8), static_cast<uint8_t>(relative & 0xFF)};
}

// REQUIRES: `slot.coarse` is neither kCoarseNone nor kCoarseOutOfLine.
constexpr TimeMs FromSlot(SlotDeadline slot, TimeMs epoch) {
  return epoch + ((TimeMs{slot.coarse} << 8) | slot.fine);
}

// ---- Deadline classes ---------------------------------------------------------------------------

// Records are logged by how long they had to live when written, so that what dies together lies
// together. Class 0 has no deadline; class c in 1..7 lives up to 2^(10 + 3 c) ms (8 s, 66 s, 8.7 min,
// 70 min, 9.3 h, 75 h, 25 days); class 8 lives longer. Powers of two, for every write asks.
inline constexpr int kDeadlineClasses = 9;

// The class by the highest bit of the milliseconds left, but one, in units of 2^12. (Not inside the
// function, into whose frame gcc would copy it each time.)
inline constexpr std::array<uint8_t, 64> kClassOfBit = [] {
  std::array<uint8_t, 64> classes{};
  for (int bit = 0; bit < 64; ++bit) {
    classes[static_cast<size_t>(bit)] =
        static_cast<uint8_t>(std::min(1 + (bit + 2) / 3, kDeadlineClasses - 1));
  }
  return classes;
}();

constexpr int DeadlineClass(TimeMs deadline, TimeMs now) {
  if (deadline == kNoDeadline) return 0;
  if (deadline <= now) return 1;
  // Unsigned, so that a `now` far below zero cannot overflow.
  const uint64_t left = static_cast<uint64_t>(deadline) - static_cast<uint64_t>(now) - 1;
  return kClassOfBit[63 - static_cast<unsigned>(std::countl_zero(left >> 12 | 1))];
}

}  // namespace dcs::store
